# What a caller passes in is often made in the same apply and not known in the plan.

terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100"
    }
  }
}

resource "terraform_data" "unknown" {}

locals {
  unknown = terraform_data.unknown.id

  authorizers = {
    iam     = { iam = { principals = ["arn:aws:iam::210987654321:role/${local.unknown}"] } }
    cognito = { cognito = { user_pool_arns = ["arn:aws:cognito-idp:eu-west-1:123456789012:userpool/${local.unknown}"] } }
    lambda  = { lambda = { function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:${local.unknown}" } }
  }
}

variable "authorizer" {
  type        = string
  description = "Which of the three."
  nullable    = false
}

module "pixel" {
  source = "../../../../modules/pixel"

  name                     = "demo"
  destination              = { pinpoint = { application_id = replace(local.unknown, "-", "") }, connect = module.connect_destination.destination }
  kms_key_arn              = "arn:aws:kms:eu-west-1:123456789012:key/${local.unknown}"
  permissions_boundary_arn = "arn:aws:iam::123456789012:policy/${local.unknown}"
  alarm_topic_arns         = ["arn:aws:sns:eu-west-1:123456789012:${local.unknown}"]

  reserved_events          = module.company_events.reserved_events
  reserved_user_attributes = module.company_events.reserved_user_attributes

  trusted = local.authorizers[var.authorizer]

  domain = {
    name            = "events.example.com"
    certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/${local.unknown}"
    hosted_zone     = { id = "Z${upper(replace(substr(local.unknown, 0, 8), "-", ""))}" }
  }
  web_acl = { arn = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/edge/${local.unknown}" }

  token = {
    keys_arn    = "arn:aws:ssm:eu-west-1:123456789012:parameter/${local.unknown}"
    kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/${local.unknown}"
    audience    = local.unknown
  }
}

module "company_events" {
  source = "../../../../modules/company-events"

  name                     = "demo"
  destination              = { pinpoint = { application_id = replace(local.unknown, "-", "") } }
  kms_key_arn              = "arn:aws:kms:eu-west-1:123456789012:key/${local.unknown}"
  permissions_boundary_arn = "arn:aws:iam::123456789012:policy/${local.unknown}"
  alarm_topic_arns         = ["arn:aws:sns:eu-west-1:123456789012:${local.unknown}"]

  bus             = { existing = { name = local.unknown } }
  plans           = { outage = jsonencode({ event = "outage", audiences = {}, steps = [{ id = "a", wait = local.unknown }] }) }
  schedules       = { daily = { plan = "outage", expression = "cron(0 9 * * ${local.unknown} *)" } }
  custom_channels = { letter = { function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:${local.unknown}" } }
  allowed_senders = [local.unknown]
  runs            = { maximum_audience = length(local.unknown) }
  interactions    = { existing_stream = { arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/${local.unknown}" } }
}

module "connect_destination" {
  source = "../../../../modules/connect-destination"

  name                     = "demo"
  kms_key_arn              = "arn:aws:kms:eu-west-1:123456789012:key/${local.unknown}"
  permissions_boundary_arn = "arn:aws:iam::123456789012:policy/${local.unknown}"
  alarm_topic_arns         = ["arn:aws:sns:eu-west-1:123456789012:${local.unknown}"]

  instance_id       = local.unknown
  campaign_flow_arn = "arn:aws:connect:eu-west-1:123456789012:instance/${local.unknown}/contact-flow/${local.unknown}:1"
  senders           = { email = "news@example.com", sms = "arn:aws:sms-voice:eu-west-1:123456789012:phone-number/${local.unknown}" }
  templates         = { cart = { arn = "arn:aws:wisdom:eu-west-1:123456789012:message-template/${local.unknown}/${local.unknown}" } }

  triggers = { cart = {
    event                   = "cart-${local.unknown}"
    attributes              = { currency = [local.unknown] }
    template                = "cart"
    channel                 = "SMS"
    start_time              = "2027-01-01T00:00:00Z"
    end_time                = "2028-01-01T00:00:00Z"
    segment_definition_name = local.unknown
  } }
}

module "company_events_by_connect" {
  source = "../../../../modules/company-events"

  name        = "other"
  destination = { connect = module.connect_destination.destination }
}
