variable "region" {
  type        = string
  description = "Region of everything; the destinations must exist there."
  default     = "us-east-1"
  nullable    = false
}

variable "name" {
  type        = string
  description = "Prefix of every resource's name and name of the Pinpoint project."
  default     = "shop"
  nullable    = false
}

variable "tags" {
  type        = map(string)
  description = "Tags for every resource."
  default     = { application = "customer-engagement" }
  nullable    = false
}

variable "alarm_topic_arns" {
  type        = list(string)
  description = "SNS topics that hear of alarms."
  default     = []
  nullable    = false
}

# ---------------------------------------------------------------------------------------------------------------------
# Destinations
# ---------------------------------------------------------------------------------------------------------------------

variable "destination" {
  type        = string
  description = "Who receives events and stamps: pinpoint, connect or both."
  default     = "pinpoint"
  nullable    = false

  validation {
    condition     = contains(["pinpoint", "connect", "both"], var.destination)
    error_message = "destination must be \"pinpoint\", \"connect\" or \"both\". Leave it out for pinpoint."
  }
}

variable "sends_by" {
  type        = string
  description = "Who sends company events, pinpoint or connect. null: the only destination, of both Pinpoint."
  default     = null
}

variable "connect" {
  type = object({
    existing_domain_name    = optional(string)
    profile_attributes      = optional(list(string), ["first_name", "plan", "newsletter", "last_feature"])
    object_expiration_days  = optional(number)
    max_objects_per_profile = optional(number)
    create_profiles         = optional(bool)
    put_objects_rate        = optional(number)
    update_profiles_rate    = optional(number)
    instance_id             = optional(string)
    campaign_flow_arn       = optional(string)
    senders = optional(object({
      email = optional(string)
      sms   = optional(string)
    }))
    templates = optional(map(object({
      arn               = string
      campaign_flow_arn = optional(string)
    })))
    campaign_create_rate = optional(number)
    triggers = optional(map(object({
      event             = string
      route             = optional(string)
      attributes        = optional(map(list(string)))
      template          = optional(string)
      template_arn      = optional(string)
      channel           = string
      campaign_flow_arn = optional(string)
      start_time        = string
      end_time          = string
      max_per_profile = optional(object({
        count = optional(number)
        hours = optional(number)
      }))
      segment_definition_name  = optional(string)
      event_expiration_minutes = optional(number)
    })))
    function = optional(object({
      runtime            = optional(string)
      architecture       = optional(string)
      log_level          = optional(string)
      log_retention_days = optional(number)
    }))
  })
  description = "Amazon Connect: domain, instance, flow, senders, the templates of plans and event-triggered sends. Company events that Connect sends need instance_id, campaign_flow_arn, senders and templates; the sample plan names the templates premium-release, release-sms and reminder."
  default     = {}
  nullable    = false
}

# ---------------------------------------------------------------------------------------------------------------------
# Pinpoint project
# ---------------------------------------------------------------------------------------------------------------------

variable "email" {
  type = object({
    from_address      = string
    identity_arn      = string
    configuration_set = optional(string)
  })
  description = "E-mail channel: sender, verified SES identity and SES configuration set. null: none."
  default     = null
}

variable "event_stream_arn" {
  type        = string
  description = "Kinesis data stream or Firehose delivery stream for what the project records. null: none."
  default     = null
}

variable "settings" {
  type = object({
    limits = optional(object({
      daily               = optional(number)
      total               = optional(number)
      messages_per_second = optional(number)
      maximum_duration    = optional(number)
    }))
    quiet_time = optional(object({
      start = string
      end   = string
    }))
    cloudwatch_metrics = optional(bool)
  })
  description = "Defaults for the project's campaigns. null: Pinpoint's own."
  default     = null
}

# ---------------------------------------------------------------------------------------------------------------------
# Pixel
# ---------------------------------------------------------------------------------------------------------------------

variable "put_events_rate" {
  type        = number
  description = "PutEvents requests per second for the pixel: 15 per account and Region, minus what your apps use."
  default     = 15
  nullable    = false
}

variable "stage_name" {
  type        = string
  description = "First part of the URL's path."
  default     = "v1"
  nullable    = false
}

variable "events" {
  type        = list(string)
  description = "Globs of the event names that the shop's tags send."
  default     = ["page_view", "view_item", "search", "add_to_cart", "purchase_*", "sign_up", "login", "newsletter_*"]
  nullable    = false
}

variable "event_attributes" {
  type        = list(string)
  description = "Globs of the event attributes that the shop's tags send."
  default     = ["page_*", "item_*", "campaign_*", "currency", "language", "note", "search_term"]
  nullable    = false
}

variable "event_metrics" {
  type        = list(string)
  description = "Globs of the event metrics that the shop's tags send."
  default     = ["value", "quantity", "duration_*"]
  nullable    = false
}

variable "anonymous_user_attributes" {
  type        = list(string)
  description = "Globs of the user attributes that anyone may write. Only what may be forged."
  default     = ["interest", "language"]
  nullable    = false
}

variable "authenticated_user_attributes" {
  type        = list(string)
  description = "Globs of the user attributes that customers with a token and the shop's servers may write."
  default     = ["first_name", "plan", "newsletter", "last_order_*"]
  nullable    = false
}

variable "token" {
  type = object({
    keys_arn        = string
    kms_key_arn     = optional(string)
    audience        = optional(string)
    max_age_seconds = optional(number)
    required        = optional(bool)
  })
  description = "Where the keys of customers' tokens are, and the tokens' rules. null until the backend mints some."
  default     = null
}

variable "global_privacy_control" {
  type        = string
  description = "What a visitor's privacy signal does: ignore, no_updates or drop."
  default     = "no_updates"
  nullable    = false
}

variable "trusted" {
  type = object({
    iam = optional(object({
      principals = optional(list(string))
    }))
    cognito = optional(object({
      user_pool_arns = list(string)
      endpoint_claim = optional(string)
    }))
    lambda = optional(object({
      function_arn    = string
      identity_header = optional(string)
      ttl_seconds     = optional(number)
    }))
  })
  description = "Authorizer of the trusted route; by default the shop's own servers sign with SigV4. null: no such route."
  default     = { iam = {} }
}

variable "cors_origins" {
  type        = list(string)
  description = "Origins of the shop's pages, which may send JSON and read answers."
  default     = ["https://www.example.com"]
  nullable    = false
}

variable "max_events_per_request" {
  type        = number
  description = "Events that one POST may hold."
  default     = 100
  nullable    = false
}

variable "throttle" {
  type = object({
    rate_per_second = optional(number)
    burst           = optional(number)
    post = optional(object({
      rate_per_second = optional(number)
      burst           = optional(number)
    }))
    trusted = optional(object({
      rate_per_second = optional(number)
      burst           = optional(number)
    }))
  })
  description = "Requests per second and burst that each method takes, and POST and the trusted route alone."
  default     = {}
  nullable    = false
}

variable "access_logs" {
  type = object({
    enabled             = optional(bool)
    create_account_role = optional(bool)
    retention_days      = optional(number)
  })
  description = "Access logs of the API; off, because they need a role that is set once per account and Region."
  default     = {}
  nullable    = false
}

variable "gtm" {
  type = object({
    events           = optional(list(string))
    event_attributes = optional(list(string))
    event_metrics    = optional(list(string))
    user_attributes  = optional(list(string))
    consent_types    = optional(list(string))
    name_prefix      = optional(string)
    template = optional(object({
      without_consent = optional(string)
    }))
  })
  description = "What the container for Google Tag Manager speaks of: events and names in the shop's data layer, consent. User attributes are those that anyone may write."
  default = {
    events           = ["page_view", "view_item", "search", "add_to_cart", "purchase_success", "sign_up", "newsletter_subscribe", "login"]
    event_attributes = ["page_path", "item_id", "item_name", "search_term", "currency", "language", "campaign_name"]
    event_metrics    = ["value", "quantity"]
  }
  nullable = false
}

variable "queue" {
  type = object({
    max_receive_count          = optional(number)
    visibility_timeout_seconds = optional(number)
    return_delay_seconds       = optional(number)
    retention_seconds          = optional(number)
  })
  description = "Ingest queue: receives before the dead-letter queue, visibility timeout, first wait of a returned message, retention."
  default     = {}
  nullable    = false
}

variable "consumer" {
  type = object({
    batch_size              = optional(number)
    batching_window_seconds = optional(number)
    maximum_concurrency     = optional(number)
  })
  description = "How the function reads the queue: batch size, window, concurrency."
  default     = {}
  nullable    = false
}

variable "function" {
  type = object({
    runtime            = optional(string)
    architecture       = optional(string)
    timeout_seconds    = optional(number)
    memory_mb          = optional(number)
    log_level          = optional(string)
    log_retention_days = optional(number)
  })
  description = "The consumer function: runtime, architecture, limits, logs."
  default     = {}
  nullable    = false
}

variable "alarms" {
  type = object({
    oldest_message_age_seconds = optional(number)
    rejects_per_5_minutes      = optional(number)
    api_errors_per_5_minutes   = optional(number)
    refusals_per_5_minutes     = optional(number)
    retries_per_5_minutes      = optional(number)
    throttles_per_5_minutes    = optional(number)
    bad_tokens_per_5_minutes   = optional(number)
  })
  description = "Thresholds of the alarms."
  default     = {}
  nullable    = false
}

# ---------------------------------------------------------------------------------------------------------------------
# Company events
# ---------------------------------------------------------------------------------------------------------------------

variable "company_events" {
  type = object({
    bus = optional(object({
      existing                = optional(object({ name = string }))
      source_accounts         = optional(list(string))
      source_organization_ids = optional(list(string))
      sources                 = optional(list(string))
    }))
    plans = optional(map(string))
    schedules = optional(map(object({
      plan       = string
      expression = string
      timezone   = optional(string)
    })))
    custom_channels = optional(map(object({
      function_arn = string
      grant        = optional(bool)
    })))
    allowed_senders           = optional(list(string))
    reserved_user_attributes  = optional(list(string))
    reserved_active_campaigns = optional(number)
    start_lead_seconds        = optional(number)
    pinpoint_source_arn       = optional(string)
    runs = optional(object({
      require_event_id = optional(bool)
      retention_days   = optional(number)
      maximum_audience = optional(number)
      settle_seconds   = optional(number)
      overdue_seconds  = optional(number)
    }))
    journeys = optional(object({
      settle_seconds        = optional(number)
      call_timeout_seconds  = optional(number)
      live_after_seconds    = optional(number)
      activities            = optional(number)
      shortest_wait_seconds = optional(number)
    }))
    rates = optional(object({
      segment_creates_per_second  = optional(number)
      campaign_creates_per_second = optional(number)
      endpoint_batches_per_second = optional(number)
    }))
    interactions = optional(object({
      max_wait_seconds = optional(number)
      retention_days   = optional(number)
    }), {})
    queues = optional(object({
      max_receive_count = optional(number)
      retention_seconds = optional(number)
    }))
    stamper = optional(object({
      batch_size              = optional(number)
      batching_window_seconds = optional(number)
      maximum_concurrency     = optional(number)
    }))
    function = optional(object({
      runtime      = optional(string)
      architecture = optional(string)
      timeout_seconds = optional(object({
        announcer = optional(number)
        step      = optional(number)
        stamper   = optional(number)
        plans     = optional(number)
      }))
      memory_mb          = optional(number)
      log_level          = optional(string)
      log_retention_days = optional(number)
    }))
    force_destroy = optional(bool)
    alarms = optional(object({
      oldest_event_age_seconds = optional(number)
    }))
  })
  description = "Company events on a bus of their own, with two sample plans and their senders unless others are given, and with what customers do recorded. null: none."
  default     = {}
}
