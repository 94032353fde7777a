# A pixel that writes to Amazon Connect, and messages that its events start, as a platform team uses the two modules.
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100"
    }
  }
}

provider "aws" {
  region = "us-east-1"
}

variable "domain_name" {
  type        = string
  description = "Domain of the instance in Customer Profiles."
}

variable "instance_id" {
  type        = string
  description = "Connect instance."
}

variable "campaign_flow_arn" {
  type        = string
  description = "Version of a campaign flow of the instance."
}

variable "templates" {
  type        = map(string)
  description = "ARNs of message templates by name."
}

variable "triggers" {
  type = map(object({
    event      = string
    attributes = optional(map(list(string)), {})
    template   = string
    start_time = string
    end_time   = string
  }))
  description = "Triggers, as modules/connect-destination takes them, without what all have in common."
}

variable "run_triggers" {
  type        = bool
  description = "Whether they send."
}

module "connect" {
  source = "../../../../modules/connect-destination"

  name                 = "moments"
  existing_domain_name = var.domain_name
  instance_id          = var.instance_id
  campaign_flow_arn    = var.campaign_flow_arn
  senders              = { email = "news@example.com" }
  templates            = { for name, arn in var.templates : name => { arn = arn } }
  triggers             = { for key, trigger in var.triggers : key => merge(trigger, { channel = "EMAIL" }) }
  run_triggers         = var.run_triggers
  function             = { architecture = "x86_64" }
}

module "pixel" {
  source = "../../../../modules/pixel"

  name        = "moments"
  destination = { connect = module.connect.destination }
  trusted     = { iam = {} }
  consumer    = { batching_window_seconds = 1 }
  function    = { architecture = "x86_64" }
}

output "pixel" {
  description = "The pixel."
  value       = module.pixel
}

output "connect" {
  description = "The destination."
  value       = module.connect
}
