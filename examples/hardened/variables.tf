variable "region" {
  type        = string
  description = "Region of everything; the Pinpoint project must be there."
  default     = "us-east-1"
  nullable    = false
}

variable "application_id" {
  type        = string
  description = "ID of the Pinpoint project that exists."
  nullable    = false
}

variable "kms_key_arn" {
  type        = string
  description = "Key for queues, logs, the function's environment and the tokens' keys. Its policy must let CloudWatch Logs use it."
  nullable    = false
}

variable "alarm_topic_arn" {
  type        = string
  description = "SNS topic of whoever is on call."
  nullable    = false
}

variable "domain_name" {
  type        = string
  description = "Host name of the pixel."
  default     = "events.example.com"
  nullable    = false
}

variable "certificate_arn" {
  type        = string
  description = "Issued ACM certificate for the host name, in the same Region."
  nullable    = false
}

variable "hosted_zone_id" {
  type        = string
  description = "Route 53 zone of the host name."
  nullable    = false
}

variable "token_keys_arn" {
  type        = string
  description = "SSM parameter or secret with the keys of customers' tokens."
  nullable    = false
}

variable "customer_database_account" {
  type        = string
  description = "Account whose servers call the trusted route; their roles need execute-api:Invoke on trusted_arn too."
  nullable    = false
}
