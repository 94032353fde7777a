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

variable "maximum_audience" {
  type        = number
  description = "Endpoints that one audience may have, counted before anything is sent, which takes minutes. null: any number."
  default     = null
}

variable "function" {
  type = object({
    architecture = optional(string)
    log_level    = optional(string)
  })
  description = "The functions: architecture and log level."
  default     = {}
  nullable    = false
}

variable "force_destroy" {
  type        = bool
  description = "Whether a destroy deletes the plans of marketers too."
  default     = false
  nullable    = false
}
