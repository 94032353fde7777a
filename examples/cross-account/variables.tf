variable "region" {
  type        = string
  description = "Region of both accounts; the Pinpoint project must be there."
  default     = "us-east-1"
  nullable    = false
}

variable "application_id" {
  type        = string
  description = "ID of the Pinpoint project that exists."
  nullable    = false
}

variable "producer_role_arn" {
  type        = string
  description = "Role that Terraform assumes in the account of the backend."
  nullable    = false
}
