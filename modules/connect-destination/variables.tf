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
    Customer-managed key for the domain that is made, the objects of events, the queue of those that fit no profile, the
    function's environment and its log group. null: keys owned by AWS.

    Its key policy must let `logs.<region>.amazonaws.com` use it; the roles made here get the rights that they need.
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
# Customer Profiles
# ---------------------------------------------------------------------------------------------------------------------

variable "existing_domain_name" {
  type        = string
  description = "Domain of this account and Region that takes the events, such as the `amazon-connect-<alias>` that belongs to the Connect instance; campaigns need that one. It must be known in the plan. null: a domain `<name>` is made."
  default     = null

  validation {
    condition     = var.existing_domain_name == null ? true : can(regex("^[A-Za-z0-9_-]{1,64}$", var.existing_domain_name))
    error_message = "existing_domain_name must be the name of a domain, 1 to 64 letters, digits, hyphens and underscores, not its ARN. Take the name of Customer Profiles' settings, or leave it out for a domain of its own."
  }
}

variable "domain_expiration_days" {
  type        = number
  description = "Days after which the domain that is made forgets profiles and objects that nobody updates, 1 to 1098. A domain that exists has its own."
  default     = 1098
  nullable    = false

  validation {
    condition     = var.domain_expiration_days >= 1 && var.domain_expiration_days <= 1098 && floor(var.domain_expiration_days) == var.domain_expiration_days
    error_message = "domain_expiration_days must be a whole number from 1 to 1098 (limits of Customer Profiles). Leave it out for 1098."
  }
}

variable "profile_attributes" {
  type        = list(string)
  description = "User attributes (`usat_` of the pixel, stamps of plans) that become attributes of profiles. Others stay in the event's object, where no segment and no template sees them."
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for name in var.profile_attributes : can(regex("^[A-Za-z0-9_-]{1,50}$", name))]) && length(distinct(var.profile_attributes)) == length(var.profile_attributes)
    error_message = "profile_attributes must hold names of 1 to 50 letters, digits, hyphens and underscores, each once and without wildcards, because a mapping names each field. List them one by one, and rename what has another sign."
  }
}

variable "object_expiration_days" {
  type        = number
  description = "Days after which an event's object is deleted, 1 to 1098."
  default     = 30
  nullable    = false

  validation {
    condition     = var.object_expiration_days >= 1 && var.object_expiration_days <= 1098 && floor(var.object_expiration_days) == var.object_expiration_days
    error_message = "object_expiration_days must be a whole number from 1 to 1098 (limits of Customer Profiles). Leave it out for 30."
  }
}

variable "max_objects_per_profile" {
  type        = number
  description = "Objects of each of the two types that a profile keeps, 1 to 1000. A profile with more than 100 objects of all types is billed as two, one with more than 200 as three."
  default     = 100
  nullable    = false

  validation {
    condition     = var.max_objects_per_profile >= 1 && var.max_objects_per_profile <= 1000 && floor(var.max_objects_per_profile) == var.max_objects_per_profile
    error_message = "max_objects_per_profile must be a whole number from 1 to 1000 (quota of Customer Profiles). Leave it out for 100."
  }
}

variable "create_profiles" {
  type        = bool
  description = "Whether an event of the trusted route makes a profile for a customer whom the domain does not know. One of the public route never does."
  default     = false
  nullable    = false
}

variable "unmatched_objects" {
  type = object({
    retention_seconds = optional(number, 345600)
    alarm_above       = optional(number, 1000)
  })
  description = <<-EOT
    The queue of objects that fit no profile, of a domain that is made.

    `retention_seconds`: 60 to 1209600; they hold what a customer did. `alarm_above`: the alarm goes on above so many
    objects: visitors without a profile always leave some.
  EOT
  default     = {}
  nullable    = false

  validation {
    condition     = var.unmatched_objects.retention_seconds >= 60 && var.unmatched_objects.retention_seconds <= 1209600
    error_message = "unmatched_objects.retention_seconds must be from 60 to 1209600 (14 days). Leave it out for 4 days."
  }

  validation {
    condition     = var.unmatched_objects.alarm_above >= 0
    error_message = "unmatched_objects.alarm_above must be 0 or more. Leave it out for 1000."
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# Outbound campaigns
# ---------------------------------------------------------------------------------------------------------------------

variable "instance_id" {
  type        = string
  description = "ID of the Connect instance, enabled for outbound campaigns, whose domain this is. Triggers and campaigns need one."
  default     = null

  validation {
    condition     = var.instance_id == null ? true : can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", var.instance_id))
    error_message = "instance_id must be the ID of a Connect instance, such as 11111111-2222-3333-4444-555555555555, not its ARN or alias. Take what follows instance/ in its ARN."
  }
}

variable "campaign_flow_arn" {
  type        = string
  description = "Version of a flow of type CAMPAIGN that campaigns walk through unless their template or trigger names another. The flow's send block must name the same template as the campaign."
  default     = null

  validation {
    condition     = var.campaign_flow_arn == null ? true : can(regex("^arn:[a-z-]+:connect:[a-z0-9-]+:[0-9]{12}:instance/[0-9a-f-]{36}/contact-flow/[0-9a-f-]{36}:[0-9]+$", var.campaign_flow_arn))
    error_message = "campaign_flow_arn must be the ARN of a version of a flow (arn:aws:connect:<region>:<account>:instance/<id>/contact-flow/<id>:<version>). Publish a version of a flow of type CAMPAIGN and take its arn."
  }
}

variable "senders" {
  type = object({
    email = optional(string)
    sms   = optional(string)
  })
  description = <<-EOT
    Who messages come from.

    `email`: address of the instance, without a name. `sms`: ARN of a phone number of End User Messaging.
  EOT
  default     = {}
  nullable    = false

  validation {
    condition     = var.senders.email == null ? true : can(regex("^[\\w-.+]+@([\\w-]+\\.)+[\\w-]{2,4}$", var.senders.email))
    error_message = "senders.email must be an address such as news@example.com, whose last part has 2 to 4 letters (rule of Connect), without a name or angle brackets. Take an e-mail address of the instance."
  }

  validation {
    condition     = var.senders.sms == null ? true : can(regex("^arn:[a-z-]+:(sms-voice|connect):[a-z0-9-]+:[0-9]{12}:phone-number/.+$", var.senders.sms))
    error_message = "senders.sms must be the ARN of a phone number (arn:aws:sms-voice:<region>:<account>:phone-number/<id>, or arn:aws:connect:... once imported). Take the number's arn."
  }
}

variable "templates" {
  type = map(object({
    arn               = string
    campaign_flow_arn = optional(string)
  }))
  description = <<-EOT
    Message templates of Q in Connect that plans and triggers may use, by the name with which they do.

    `arn`: the template's, with a version or qualifier after a colon if one is meant. `campaign_flow_arn`: version of the
    flow that sends it. null: `campaign_flow_arn`.
  EOT
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for template in values(var.templates) : can(regex("^arn:[a-z-]+:wisdom:[a-z0-9-]+:[0-9]{12}:message-template/[0-9a-f-]{36}/[0-9a-f-]{36}(:.+)?$", template.arn))])
    error_message = "templates.arn must be the ARN of a message template (arn:aws:wisdom:<region>:<account>:message-template/<knowledge base>/<template>, with :<version> after it if one is meant). Take the template's arn."
  }

  validation {
    condition     = alltrue([for template in values(var.templates) : template.campaign_flow_arn == null ? true : can(regex("^arn:[a-z-]+:connect:[a-z0-9-]+:[0-9]{12}:instance/[0-9a-f-]{36}/contact-flow/[0-9a-f-]{36}:[0-9]+$", template.campaign_flow_arn))])
    error_message = "templates.campaign_flow_arn must be the ARN of a version of a flow (arn:aws:connect:<region>:<account>:instance/<id>/contact-flow/<id>:<version>). Leave it out for campaign_flow_arn."
  }
}

variable "triggers" {
  type = map(object({
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
  }))
  description = <<-EOT
    Messages that an event starts, by a name of yours: a campaign, an event trigger and what joins them.

    `event`: its name. `route`: `trusted`, or `public`, which lets everybody who knows a customer's id start the message.
    `attributes`: values of event attributes, one of which each named one must have.
    `template`: a name of `templates`; or `template_arn`. `channel`: `EMAIL` or `SMS`, from `senders`.
    `campaign_flow_arn`: version of the flow. null: the template's, else `campaign_flow_arn`.
    `start_time`, `end_time`: between which messages go out, as `2027-01-01T00:00:00Z`; Connect takes no start that is past,
    when it is made and when anything of its campaign changes.
    `max_per_profile`: at most `count` (1 to 1000) messages to a customer in `hours` (1 to 24, or whole days up to 24).
    `segment_definition_name`: only customers of this segment. `event_expiration_minutes`: 1 to 15; an older event starts
    nothing.
  EOT
  default     = {}
  nullable    = false

  validation {
    condition     = length(var.triggers) == 0 || var.instance_id != null
    error_message = "instance_id is required with triggers, because their campaigns belong to an instance. Set it, or remove the triggers."
  }

  validation {
    condition     = length(var.triggers) <= 20
    error_message = "triggers must be at most 20, because Connect's guide allows a domain so many. Join some by the values of an attribute."
  }

  validation {
    condition     = alltrue([for name in keys(var.triggers) : can(regex("^[A-Za-z0-9][A-Za-z0-9-]{0,23}$", name))])
    error_message = "triggers must have keys of 1 to 24 letters, digits and hyphens, because they are parts of names, which end at 64 characters. Rewrite the key."
  }

  validation {
    condition     = alltrue([for trigger in values(var.triggers) : length(trigger.event) >= 1 && length(trigger.event) <= 255])
    error_message = "triggers.event must be a name of 1 to 255 characters (limit of a condition's value). Write it as the site or the server sends it."
  }

  validation {
    condition     = alltrue([for trigger in values(var.triggers) : contains(["trusted", "public"], trigger.route)])
    error_message = "triggers.route must be \"trusted\" or \"public\". Leave it out for trusted: with public, everybody who knows a customer's id can start the message."
  }

  validation {
    condition     = alltrue([for trigger in values(var.triggers) : length(trigger.attributes) <= 9])
    error_message = "triggers.attributes must name at most 9 attributes, because a condition has 10 places and the event's name takes one. Leave some out."
  }

  validation {
    condition     = alltrue(flatten([for trigger in values(var.triggers) : [for name in keys(trigger.attributes) : can(regex("^[A-Za-z0-9_-]{1,50}$", name))]]))
    error_message = "triggers.attributes must have keys of 1 to 50 letters, digits, hyphens and underscores, because a mapping names each field. Rename the attribute where it is sent."
  }

  validation {
    condition     = alltrue(flatten([for trigger in values(var.triggers) : [for values in values(trigger.attributes) : length(values) >= 1 && length(values) <= 10 && alltrue([for value in values : length(value) >= 1 && length(value) <= 255])]]))
    error_message = "triggers.attributes must give each attribute 1 to 10 values of 1 to 255 characters (limits of a condition). Divide the trigger, or shorten the list."
  }

  validation {
    condition     = alltrue([for trigger in values(var.triggers) : (trigger.template == null) != (trigger.template_arn == null)])
    error_message = "triggers must have either template or template_arn. Set one of them."
  }

  validation {
    condition     = alltrue([for trigger in values(var.triggers) : trigger.template == null ? true : contains(keys(var.templates), trigger.template)])
    error_message = "triggers.template must be a name of templates. Add the template there, or set template_arn instead."
  }

  validation {
    condition     = alltrue([for trigger in values(var.triggers) : trigger.template_arn == null ? true : can(regex("^arn:[a-z-]+:wisdom:[a-z0-9-]+:[0-9]{12}:message-template/[0-9a-f-]{36}/[0-9a-f-]{36}(:.+)?$", trigger.template_arn))])
    error_message = "triggers.template_arn must be the ARN of a message template (arn:aws:wisdom:<region>:<account>:message-template/<knowledge base>/<template>). Take the template's arn, or set template."
  }

  validation {
    condition     = alltrue([for trigger in values(var.triggers) : contains(["EMAIL", "SMS"], trigger.channel)])
    error_message = "triggers.channel must be \"EMAIL\" or \"SMS\". Other channels of Connect are not available here."
  }

  validation {
    condition     = alltrue([for trigger in values(var.triggers) : trigger.channel == "EMAIL" ? var.senders.email != null : var.senders.sms != null])
    error_message = "triggers.channel needs its sender: senders.email for EMAIL, senders.sms for SMS. Set it."
  }

  validation {
    condition     = alltrue([for trigger in values(var.triggers) : trigger.campaign_flow_arn == null ? true : can(regex("^arn:[a-z-]+:connect:[a-z0-9-]+:[0-9]{12}:instance/[0-9a-f-]{36}/contact-flow/[0-9a-f-]{36}:[0-9]+$", trigger.campaign_flow_arn))])
    error_message = "triggers.campaign_flow_arn must be the ARN of a version of a flow (arn:aws:connect:<region>:<account>:instance/<id>/contact-flow/<id>:<version>). Leave it out for the template's or the default."
  }

  validation {
    condition     = alltrue([for trigger in values(var.triggers) : trigger.campaign_flow_arn != null || var.campaign_flow_arn != null || try(var.templates[trigger.template].campaign_flow_arn, null) != null])
    error_message = "triggers need a version of a flow: campaign_flow_arn of the trigger, of its template or of the destination. Publish a flow of type CAMPAIGN and set one of them."
  }

  validation {
    condition     = alltrue([for trigger in values(var.triggers) : can(timecmp(trigger.start_time, trigger.end_time)) ? timecmp(trigger.start_time, trigger.end_time) < 0 : false])
    error_message = "triggers.start_time and end_time must be moments as 2027-01-01T00:00:00Z (RFC 3339), the end after the start. Rewrite them."
  }

  validation {
    condition     = alltrue([for trigger in values(var.triggers) : trigger.max_per_profile.count >= 1 && trigger.max_per_profile.count <= 1000 && floor(trigger.max_per_profile.count) == trigger.max_per_profile.count])
    error_message = "triggers.max_per_profile.count must be a whole number from 1 to 1000 (limits of Customer Profiles). Leave it out for 1."
  }

  validation {
    condition     = alltrue([for trigger in values(var.triggers) : trigger.max_per_profile.hours >= 1 && floor(trigger.max_per_profile.hours) == trigger.max_per_profile.hours && (trigger.max_per_profile.hours <= 24 || trigger.max_per_profile.hours <= 576 && trigger.max_per_profile.hours % 24 == 0)])
    error_message = "triggers.max_per_profile.hours must be a whole number from 1 to 24, or a multiple of 24 up to 576 (24 days, limits of Customer Profiles). Choose the nearest."
  }

  validation {
    condition     = alltrue([for trigger in values(var.triggers) : trigger.segment_definition_name == null ? true : can(regex("^[A-Za-z0-9_-]{1,64}$", trigger.segment_definition_name))])
    error_message = "triggers.segment_definition_name must be the name of a segment definition, 1 to 64 letters, digits, hyphens and underscores, not its ARN. Take the name, or leave it out for every customer."
  }

  validation {
    condition     = alltrue([for trigger in values(var.triggers) : trigger.event_expiration_minutes >= 1 && trigger.event_expiration_minutes <= 15 && floor(trigger.event_expiration_minutes) == trigger.event_expiration_minutes])
    error_message = "triggers.event_expiration_minutes must be a whole number from 1 to 15 (limit of Connect). Leave it out for 15."
  }
}

variable "run_triggers" {
  type        = bool
  description = "Whether the triggers' campaigns run. false: they are made and not started, and those that run are paused, because another service sends."
  default     = true
  nullable    = false
}

# ---------------------------------------------------------------------------------------------------------------------
# The function that starts the triggers' campaigns
# ---------------------------------------------------------------------------------------------------------------------

variable "function" {
  type = object({
    runtime            = optional(string, "python3.13")
    architecture       = optional(string, "arm64")
    log_level          = optional(string, "INFO")
    log_retention_days = optional(number, 30)
  })
  description = <<-EOT
    The function that starts, pauses, resumes and stops the triggers' campaigns, which Terraform calls.

    `runtime`: `python3.13` or `python3.12`. `architecture`: `arm64` or `x86_64`.
    `log_level`: DEBUG, INFO, WARNING or ERROR. `log_retention_days`: as CloudWatch Logs knows them.
  EOT
  default     = {}
  nullable    = false

  validation {
    condition     = contains(["python3.12", "python3.13"], var.function.runtime)
    error_message = "function.runtime must be \"python3.13\" or \"python3.12\", the versions that the package is tested with. Leave it out for python3.13."
  }

  validation {
    condition     = contains(["arm64", "x86_64"], var.function.architecture)
    error_message = "function.architecture must be \"arm64\" or \"x86_64\". The package runs on both; leave it out for arm64."
  }

  validation {
    condition     = contains(["DEBUG", "INFO", "WARNING", "ERROR"], var.function.log_level)
    error_message = "function.log_level must be DEBUG, INFO, WARNING or ERROR. Leave it out for INFO."
  }

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.function.log_retention_days)
    error_message = "function.log_retention_days must be a period of CloudWatch Logs: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653. Choose the nearest."
  }
}
