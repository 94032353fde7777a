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
