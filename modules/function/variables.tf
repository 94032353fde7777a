variable "name" {
  type        = string
  description = "Name of the function."
  nullable    = false
}

variable "role_name" {
  type        = string
  description = "Name of the role, at most 64 characters. null: the function's name and the Region, since role names are global in an account."
  default     = null
}

variable "description" {
  type        = string
  description = "What the function does, in one sentence."
  nullable    = false
}

variable "tags" {
  type        = map(string)
  description = "Tags for every resource."
  default     = {}
  nullable    = false
}

variable "kms_key_arn" {
  type        = string
  description = "Key for the environment variables and the log group. null: keys owned by AWS."
  default     = null
}

variable "permissions_boundary_arn" {
  type        = string
  description = "Permissions boundary of the function's role. null: none."
  default     = null
}

variable "code" {
  type = object({
    filename          = optional(string)
    s3_bucket         = optional(string)
    s3_key            = optional(string)
    s3_object_version = optional(string)
  })
  description = <<-EOT
    Where the function's zip is: a local file or an object in S3.

    `filename`: path of a local zip; the other fields are null then.
    `s3_bucket`, `s3_key`, `s3_object_version`: an object, in the function's Region.
  EOT
  nullable    = false
}

variable "layers" {
  type        = list(string)
  description = "ARNs, with version, of the layers that hold third-party packages."
  default     = []
  nullable    = false
}

variable "handler" {
  type        = string
  description = "Python path of the handler, for example `engagement.handlers.pixel.handler`."
  nullable    = false
}

variable "settings" {
  type = object({
    runtime            = string
    architecture       = string
    timeout_seconds    = number
    memory_mb          = number
    log_level          = string
    log_retention_days = number
  })
  description = <<-EOT
    Runtime settings; the calling module validates them and gives the defaults.

    `runtime`: Lambda runtime, for example `python3.13`. `architecture`: `arm64` or `x86_64`.
    `timeout_seconds`, `memory_mb`: limits of one invocation.
    `log_level`: DEBUG, INFO, WARNING or ERROR. `log_retention_days`: days that logs are kept.
  EOT
  nullable    = false
}

variable "environment" {
  type        = map(string)
  description = "Environment variables. `POWERTOOLS_*` are added here, the same way for every function."
  default     = {}
  nullable    = false
}

variable "metrics_namespace" {
  type        = string
  description = "CloudWatch namespace of the function's own metrics."
  default     = "CustomerEngagement"
  nullable    = false
}

variable "policy_json" {
  type        = string
  description = "IAM policy document with what the function may do; writing its own logs is added here."
  nullable    = false
}

variable "xray_tracing" {
  type        = bool
  description = "Whether invocations are traced with X-Ray."
  default     = false
  nullable    = false
}

variable "alarm_topic_arns" {
  type        = list(string)
  description = "SNS topics that hear of every alarm going on and off."
  default     = []
  nullable    = false
}

variable "alarm_consequences" {
  type = object({
    errors    = string
    throttles = string
  })
  description = "What follows when invocations fail and when they are throttled, as sentences for the alarms; the default is that of a function that a queue feeds."
  default = {
    errors    = "Its messages come back and go to the dead-letter queue after the last receive."
    throttles = "Messages wait in the queue."
  }
  nullable = false
}
