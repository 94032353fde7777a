# ---------------------------------------------------------------------------------------------------------------------
# Shared
# ---------------------------------------------------------------------------------------------------------------------

variable "name" {
  type        = string
  description = "Prefix of every resource's name: 2 to 32 lower-case letters, digits and hyphens. Choose another one for each call in an account."
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,30}[a-z0-9]$", var.name))
    error_message = "name must be 2 to 32 lower-case letters, digits and hyphens, begin with a letter and not end with a hyphen, because role names end at 64 characters. Shorten or rewrite it."
  }
}

variable "tags" {
  type        = map(string)
  description = "Tags for every resource."
  default     = {}
  nullable    = false
}

variable "kms_key_arn" {
  type        = string
  description = <<-EOT
    Customer-managed key for the queues, the function's environment and the log groups. null: keys owned by AWS.

    Its key policy must let `logs.<region>.amazonaws.com` use it, and with company events `events.amazonaws.com` too; the
    roles made here get the rights that they need.
  EOT
  default     = null

  validation {
    condition     = var.kms_key_arn == null ? true : can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a key (arn:aws:kms:<region>:<account>:key/<id>), not of an alias. Take the key's arn, or leave it out for keys owned by AWS."
  }
}

variable "permissions_boundary_arn" {
  type        = string
  description = "Permissions boundary of every role. null: none."
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null ? true : can(regex("^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/.+$", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn must be the ARN of an IAM policy (arn:aws:iam::<account>:policy/<name>). Take the policy's arn, or leave it out."
  }
}

variable "alarm_topic_arns" {
  type        = list(string)
  description = "SNS topics that hear of every alarm going on and off. Without one, alarms only show in CloudWatch."
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.alarm_topic_arns : can(regex("^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:.+$", arn))])
    error_message = "alarm_topic_arns must hold ARNs of SNS topics (arn:aws:sns:<region>:<account>:<name>). Take each topic's arn."
  }
}

variable "xray_tracing" {
  type        = bool
  description = "Whether the API's stage and the function are traced with X-Ray (billed by trace)."
  default     = false
  nullable    = false
}

variable "destination" {
  type = object({
    pinpoint = optional(object({
      application_id  = string
      put_events_rate = optional(number, 15)
    }))
    connect = optional(object({
      existing_domain_name    = optional(string)
      domain_expiration_days  = optional(number, 1098)
      profile_attributes      = optional(list(string), [])
      object_expiration_days  = optional(number, 30)
      max_objects_per_profile = optional(number, 100)
      create_profiles         = optional(bool, false)
      unmatched_objects = optional(object({
        retention_seconds = optional(number, 345600)
        alarm_above       = optional(number, 1000)
      }), {})
      put_objects_rate     = optional(number, 100)
      update_profiles_rate = optional(number, 100)

      instance_id       = optional(string)
      campaign_flow_arn = optional(string)
      senders = optional(object({
        email = optional(string)
        sms   = optional(string)
      }), {})
      templates = optional(map(object({
        arn               = string
        campaign_flow_arn = optional(string)
      })), {})
      campaign_create_rate = optional(number, 1)
      triggers = optional(map(object({
        event             = string
        route             = optional(string, "trusted")
        attributes        = optional(map(list(string)), {})
        template          = optional(string)
        template_arn      = optional(string)
        channel           = string
        campaign_flow_arn = optional(string)
        start_time        = string
        end_time          = string
        max_per_profile = optional(object({
          count = optional(number, 1)
          hours = optional(number, 24)
        }), {})
        segment_definition_name  = optional(string)
        event_expiration_minutes = optional(number, 15)
      })), {})
      function = optional(object({
        runtime            = optional(string, "python3.13")
        architecture       = optional(string, "arm64")
        log_level          = optional(string, "INFO")
        log_retention_days = optional(number, 30)
      }), {})
    }))
    sends_by = optional(string)
  })
  description = <<-EOT
    The engagement services that receive events and stamps, one or both, and the one of them that sends messages.

    `pinpoint.application_id`: the project's ID, 32 hexadecimal digits, in the same account and Region.
    `pinpoint.put_events_rate`: PutEvents requests per second that this environment may use. Pinpoint allows 15 per
    account and Region (quota, 2026), each with up to 100 events: subtract what your apps and other environments use.
    `connect`: Amazon Connect Customer Profiles and outbound campaigns; `{}` makes a domain of its own. Its rates are this
    environment's share of the account's quotas: `put_objects_rate`, objects per second; `update_profiles_rate`, stamps
    per second; `campaign_create_rate`, campaigns per second. Each other field is an input of the same name of
    `modules/connect-destination`, whose README says units, limits and rules. With company events that Connect sends,
    `instance_id`, `templates` and a sender are required; a dozen templates with a flow each fit, two dozen with one flow.
    `sends_by`: `pinpoint` or `connect`: who carries company events out and whose triggers run. Required with both. A run
    keeps the one with which it began.
  EOT
  nullable    = false

  validation {
    condition     = var.destination.pinpoint != null || var.destination.connect != null
    error_message = "destination must have pinpoint, connect or both. Set destination = { pinpoint = { application_id = \"<project ID>\" } } or destination = { connect = {} }."
  }

  validation {
    condition     = can(regex("^[0-9a-f]{32}$", try(var.destination.pinpoint.application_id, "0123456789abcdef0123456789abcdef")))
    error_message = "destination.pinpoint.application_id must be 32 hexadecimal digits. Copy the project ID from Pinpoint's general settings, or pass the pinpoint-project module's application_id."
  }

  validation {
    condition     = try(var.destination.pinpoint.put_events_rate, 15) > 0 && try(var.destination.pinpoint.put_events_rate, 15) <= 10000
    error_message = "destination.pinpoint.put_events_rate must be above 0 and at most 10000 requests per second. Use the account's quota minus what others use; the quota is 15 unless AWS raised it."
  }

  validation {
    condition     = var.destination.sends_by == null ? true : contains([for name, settings in { pinpoint = var.destination.pinpoint != null, connect = var.destination.connect != null } : name if settings], var.destination.sends_by)
    error_message = "destination.sends_by must be \"pinpoint\" or \"connect\", and that destination must be given. Set the destination too, or leave sends_by out with only one."
  }

  validation {
    condition     = var.destination.pinpoint == null || var.destination.connect == null || var.destination.sends_by != null
    error_message = "destination.sends_by is required with both destinations, because a customer must get each message once. Set \"pinpoint\" or \"connect\"."
  }
}

variable "lambda_package" {
  type = object({
    s3_bucket        = string
    function_key     = string
    function_version = optional(string)
    layer_key        = string
    layer_version    = optional(string)
  })
  description = <<-EOT
    Function and layer zips in S3 instead of the ones in this repository's `dist/`. null: `dist/`.

    `s3_bucket`: bucket in the function's Region. `function_key`, `layer_key`: keys of the two zips.
    `function_version`, `layer_version`: object versions. Without them use new keys for each release, since Terraform
    does not see that an object was replaced.
  EOT
  default     = null

  validation {
    condition     = var.lambda_package == null ? true : alltrue([for value in [var.lambda_package.s3_bucket, var.lambda_package.function_key, var.lambda_package.layer_key] : length(value) > 0])
    error_message = "lambda_package.s3_bucket, function_key and layer_key must not be empty. Run make publish BUCKET=<bucket> and use what it prints, or leave lambda_package out."
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# Pixel
# ---------------------------------------------------------------------------------------------------------------------

variable "pixel" {
  type = object({
    stage_name = optional(string, "v1")
    image      = optional(string, "svg")
    throttle = optional(object({
      rate_per_second = optional(number, 1000)
      burst           = optional(number, 1000)
      post = optional(object({
        rate_per_second = optional(number)
        burst           = optional(number)
      }))
      trusted = optional(object({
        rate_per_second = optional(number)
        burst           = optional(number)
      }))
    }), {})
    cors = optional(object({
      origins = optional(list(string), [])
    }), {})
    max_events_per_request = optional(number, 100)
    access_logs = optional(object({
      enabled             = optional(bool, false)
      create_account_role = optional(bool, false)
      retention_days      = optional(number, 30)
    }), {})

    trusted = optional(object({
      iam = optional(object({
        principals = optional(list(string), [])
      }))
      cognito = optional(object({
        user_pool_arns = list(string)
        endpoint_claim = optional(string, "sub")
      }))
      lambda = optional(object({
        function_arn    = string
        identity_header = optional(string, "Authorization")
        ttl_seconds     = optional(number, 300)
      }))
    }))

    domain = optional(object({
      name            = string
      certificate_arn = string
      hosted_zone     = optional(object({ id = string }))
      exclusive       = optional(bool, false)
    }))
    web_acl = optional(object({ arn = string }))

    events           = optional(list(string), ["*"])
    event_attributes = optional(list(string), ["*"])
    event_metrics    = optional(list(string), ["*"])
    user_attributes = optional(object({
      anonymous     = optional(list(string), [])
      authenticated = optional(list(string), [])
    }), {})
    reserved_events          = optional(list(string), [])
    reserved_endpoint_ids    = optional(list(string), [])
    reserved_user_attributes = optional(list(string), [])
    endpoint_id_pattern      = optional(string, "")
    token = optional(object({
      keys_arn        = string
      kms_key_arn     = optional(string)
      audience        = optional(string)
      max_age_seconds = optional(number, 86400)
      required        = optional(bool, false)
    }))
    global_privacy_control = optional(string, "no_updates")

    gtm = optional(object({
      events           = optional(list(string))
      event_attributes = optional(list(string))
      event_metrics    = optional(list(string))
      user_attributes  = optional(list(string))
      consent_types    = optional(list(string), [])
      name_prefix      = optional(string, "Engagement - ")
      template = optional(object({
        without_consent = optional(string, "wait")
      }))
    }), {})

    queue = optional(object({
      max_receive_count          = optional(number, 20)
      visibility_timeout_seconds = optional(number)
      return_delay_seconds       = optional(number, 30)
      retention_seconds          = optional(number, 604800)
    }), {})
    consumer = optional(object({
      batch_size              = optional(number, 1000)
      batching_window_seconds = optional(number, 5)
      maximum_concurrency     = optional(number, 2)
    }), {})
    function = optional(object({
      runtime            = optional(string, "python3.13")
      architecture       = optional(string, "arm64")
      timeout_seconds    = optional(number, 120)
      memory_mb          = optional(number, 512)
      log_level          = optional(string, "INFO")
      log_retention_days = optional(number, 30)
    }), {})
    alarms = optional(object({
      oldest_message_age_seconds = optional(number, 900)
      rejects_per_5_minutes      = optional(number, 10)
      api_errors_per_5_minutes   = optional(number, 5)
      refusals_per_5_minutes     = optional(number, 100)
      retries_per_5_minutes      = optional(number, 0)
      throttles_per_5_minutes    = optional(number, 50)
      bad_tokens_per_5_minutes   = optional(number, 50)
    }), {})
  })
  description = <<-EOT
    The pixel: a URL that becomes an event with each call. null: not created; `{}`: created with the defaults.

    Each field is an input of the same name of `modules/pixel`, whose README says units, limits and rules.

    `stage_name`: first part of the URL's path. `image`: `svg` or `gif`. `throttle`: requests per second and burst, also
    for `post` and `trusted` alone. `cors.origins`: pages that may read answers and send JSON.
    `max_events_per_request`: events of one POST. `access_logs`: JSON logs without query strings; `create_account_role`
    only in one call per account and Region.
    `trusted`: the route for callers whom `iam`, `cognito` or `lambda` knows. `domain`: own host name. `web_acl`: a WAF.
    `events`, `event_attributes`, `event_metrics`: globs of what is taken. The URL is open to everyone: list yours.
    `user_attributes`: globs of what a call may write to a user, `anonymous` for everyone, `authenticated` with a token or
    on the trusted route; nothing unless set.
    `reserved_events`, `reserved_endpoint_ids`, `reserved_user_attributes`: globs that no call may use, on top of `_*`,
    `company-*` and `engagement_*`. `endpoint_id_pattern`: regular expression of a whole endpoint id; empty: any.
    `token`: keys and rules of the tokens for customers who are logged in. `global_privacy_control`: `ignore`,
    `no_updates` or `drop`.
    `gtm`: what the output `gtm_container` speaks of: events, names, consent types, prefix of its parts' names.
    `queue`: receives before the dead-letter queue, visibility timeout, first wait of a returned message, retention.
    `consumer`: batch size, window, concurrency. `function`: runtime, architecture, limits, logs. `alarms`: thresholds.
  EOT
  default     = null
}

# ---------------------------------------------------------------------------------------------------------------------
# Company events
# ---------------------------------------------------------------------------------------------------------------------

variable "company_events" {
  type = object({
    bus = optional(object({
      existing                = optional(object({ name = string }))
      source_accounts         = optional(list(string), [])
      source_organization_ids = optional(list(string), [])
      sources                 = optional(list(string), [])
    }), {})

    plans = optional(map(string), {})
    schedules = optional(map(object({
      plan       = string
      expression = string
      timezone   = optional(string, "UTC")
    })), {})
    custom_channels = optional(map(object({
      function_arn = string
      grant        = optional(bool, true)
    })), {})
    allowed_senders           = optional(list(string), [])
    reserved_user_attributes  = optional(list(string), [])
    reserved_active_campaigns = optional(number, 0)
    start_lead_seconds        = optional(number, 180)
    pinpoint_source_arn       = optional(string)

    runs = optional(object({
      require_event_id = optional(bool, true)
      retention_days   = optional(number, 400)
      maximum_audience = optional(number)
      settle_seconds   = optional(number, 60)
      overdue_seconds  = optional(number, 3600)
    }), {})
    journeys = optional(object({
      settle_seconds        = optional(number, 60)
      call_timeout_seconds  = optional(number, 600)
      live_after_seconds    = optional(number, 360)
      activities            = optional(number, 40)
      shortest_wait_seconds = optional(number, 3600)
    }), {})
    rates = optional(object({
      segment_creates_per_second  = optional(number, 20)
      campaign_creates_per_second = optional(number, 20)
      endpoint_batches_per_second = optional(number, 1.5)
    }), {})
    interactions = optional(object({
      existing_stream  = optional(object({ arn = string }))
      max_wait_seconds = optional(number, 600)
      retention_days   = optional(number, 400)
    }))

    queues = optional(object({
      max_receive_count = optional(number, 20)
      retention_seconds = optional(number, 604800)
    }), {})
    stamper = optional(object({
      batch_size              = optional(number, 100)
      batching_window_seconds = optional(number, 1)
      maximum_concurrency     = optional(number, 2)
    }), {})
    function = optional(object({
      runtime      = optional(string, "python3.13")
      architecture = optional(string, "arm64")
      timeout_seconds = optional(object({
        announcer = optional(number, 60)
        step      = optional(number, 300)
        stamper   = optional(number, 120)
        plans     = optional(number, 60)
      }), {})
      memory_mb          = optional(number, 512)
      log_level          = optional(string, "INFO")
      log_retention_days = optional(number, 30)
    }), {})
    force_destroy = optional(bool, false)
    alarms = optional(object({
      oldest_event_age_seconds = optional(number, 900)
    }), {})
  })
  description = <<-EOT
    Company events: a backend puts one event on a bus, and its plan says who hears what, when and on which channel. null:
    not created; `{}`: created with the defaults.

    Each field is an input of the same name of `modules/company-events`, whose README says units, limits and rules.

    `bus`: a bus that exists (`existing.name`) or one of its own, which `source_accounts` and `source_organization_ids`
    may use too; `sources` that are taken.
    `plans`: JSON texts by event. What they are called and what they stamp is reserved: no call of the pixel can send or
    write it. `schedules`: recurring starts. `custom_channels`, `allowed_senders`: what plans may reach and send from.
    `reserved_user_attributes`: globs that no plan may stamp or select by. `reserved_active_campaigns`: of the account's
    200, those of others. `start_lead_seconds`: how long before its start a campaign is made. `pinpoint_source_arn`:
    pattern of what may call the functions that Pinpoint calls.
    `runs`: whether events need an id, how long runs are known, largest audience, when a step is overdue.
    `journeys`: how long journeys take and what they can carry. `rates`: requests per second of this environment.
    `interactions`: records what customers do with messages, so that later steps of a plan can go by it; `{}` for a stream
    of its own.
    `queues`: receives and retention. `stamper`: batch size, window, concurrency. `function`: runtime, architecture,
    limits, logs. `force_destroy`: destroys a plan bucket with marketers' files, and cuts runs off. `alarms`: thresholds.
  EOT
  default     = null
}
