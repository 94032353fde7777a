variable "name" {
  type        = string
  description = "Name of the project and prefix of what belongs to it: 2 to 32 lower-case letters, digits and hyphens."
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,30}[a-z0-9]$", var.name))
    error_message = "name must be 2 to 32 lower-case letters, digits and hyphens, begin with a letter and not end with a hyphen. Shorten or rewrite it."
  }
}

variable "tags" {
  type        = map(string)
  description = "Tags for every resource."
  default     = {}
  nullable    = false
}

variable "permissions_boundary_arn" {
  type        = string
  description = "Permissions boundary of the event stream's role. null: none."
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null ? true : can(regex("^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/.+$", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn must be the ARN of an IAM policy (arn:aws:iam::<account>:policy/<name>). Take the policy's arn, or leave it out."
  }
}

variable "sms" {
  type = object({
    sender_id  = optional(string)
    short_code = optional(string)
  })
  description = <<-EOT
    SMS channel. null: none; `{}`: with the account's numbers.

    `sender_id`: 1 to 11 letters, digits and hyphens, with a letter, where a country allows it. `short_code`: 5 or 6 digits.
  EOT
  default     = null

  validation {
    condition     = try(var.sms.sender_id, null) == null ? true : can(regex("^[A-Za-z0-9-]{1,11}$", var.sms.sender_id)) && can(regex("[A-Za-z]", var.sms.sender_id))
    error_message = "sms.sender_id must be 1 to 11 letters, digits and hyphens with at least one letter. Shorten it, or leave it out."
  }

  validation {
    condition     = try(var.sms.short_code, null) == null ? true : can(regex("^[0-9]{3,6}$", var.sms.short_code))
    error_message = "sms.short_code must be 3 to 6 digits, as registered for the account. Leave it out if there is none."
  }
}

variable "email" {
  type = object({
    from_address      = string
    identity_arn      = string
    configuration_set = optional(string)
  })
  description = <<-EOT
    E-mail channel. null: none.

    `from_address`: sender of every e-mail, `a@example.com` or `Name <a@example.com>`. `identity_arn`: the verified SES
    identity that covers it. `configuration_set`: SES configuration set for every e-mail.
  EOT
  default     = null

  validation {
    condition     = var.email == null ? true : can(regex("^[^@\\s]+@[^@\\s]+$|<[^@\\s]+@[^@\\s]+>$", var.email.from_address))
    error_message = "email.from_address must be an address or a name with an address in angle brackets. Write for example News <news@example.com>."
  }

  validation {
    condition     = var.email == null ? true : can(regex("^arn:[a-z-]+:ses:[a-z0-9-]+:[0-9]{12}:identity/.+$", var.email.identity_arn))
    error_message = "email.identity_arn must be the ARN of an SES identity (arn:aws:ses:<region>:<account>:identity/<domain or address>). Take the identity's arn."
  }
}

variable "event_stream" {
  type = object({
    destination_arn = string
  })
  description = <<-EOT
    Stream that receives what the project records: sends, opens, clicks and your own events. null: none.

    `destination_arn`: a Kinesis data stream or a Firehose delivery stream. A role with the rights to write to it is made.
  EOT
  default     = null

  validation {
    condition     = var.event_stream == null ? true : can(regex("^arn:[a-z-]+:(kinesis:[a-z0-9-]+:[0-9]{12}:stream|firehose:[a-z0-9-]+:[0-9]{12}:deliverystream)/.+$", var.event_stream.destination_arn))
    error_message = "event_stream.destination_arn must be the ARN of a Kinesis data stream or a Firehose delivery stream. Take the stream's arn."
  }
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
  description = <<-EOT
    Defaults for the project's campaigns. null: Pinpoint's own.

    `limits.daily`, `limits.total`: messages to one endpoint per day and per campaign, 0 to 100.
    `limits.messages_per_second`: 1 to 20000. `limits.maximum_duration`: seconds that a campaign may try to send, from 60.
    `quiet_time.start`, `quiet_time.end`: `HH:MM` in the endpoint's time zone; messages in between are dropped, not held.
    `cloudwatch_metrics`: whether the project writes metrics to CloudWatch.
  EOT
  default     = null

  validation {
    condition = alltrue([
      for value in [try(var.settings.limits.daily, null), try(var.settings.limits.total, null)] :
      value == null ? true : value >= 0 && value <= 100
    ])
    error_message = "settings.limits.daily and settings.limits.total must be from 0 to 100 (limits of Pinpoint). Leave one out for no limit."
  }

  validation {
    condition     = try(var.settings.limits.messages_per_second, null) == null ? true : var.settings.limits.messages_per_second >= 1 && var.settings.limits.messages_per_second <= 20000
    error_message = "settings.limits.messages_per_second must be from 1 to 20000 (limits of Pinpoint). Leave it out for Pinpoint's default."
  }

  validation {
    condition     = try(var.settings.limits.maximum_duration, null) == null ? true : var.settings.limits.maximum_duration >= 60
    error_message = "settings.limits.maximum_duration must be at least 60 seconds. Leave it out for Pinpoint's default."
  }

  validation {
    condition = try(var.settings.quiet_time, null) == null ? true : alltrue([
      for time in [var.settings.quiet_time.start, var.settings.quiet_time.end] : can(regex("^([01][0-9]|2[0-3]):[0-5][0-9]$", time))
    ])
    error_message = "settings.quiet_time.start and settings.quiet_time.end must be times as HH:MM, for example 22:00. Set both."
  }
}
