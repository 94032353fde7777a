# Every stack of the modules, with every property that they may have.

terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100"
    }
  }
}

locals {
  boundary_arn = "arn:aws:iam::123456789012:policy/boundary"
  template_arn = "arn:aws:wisdom:eu-west-1:123456789012:message-template/11111111-2222-3333-4444-555555555555/66666666-7777-8888-9999-000000000000"

  trigger = {
    event        = "cart_abandoned"
    template_arn = local.template_arn
    start_time   = "2027-01-01T00:00:00Z"
    end_time     = "2028-01-01T00:00:00Z"
  }
}

module "pixel" {
  source = "../../../../modules/pixel"

  name                     = "demo"
  destination              = { pinpoint = { application_id = "00112233445566778899aabbccddeeff" } }
  permissions_boundary_arn = local.boundary_arn
  access_logs              = { enabled = true, create_account_role = true }
}

module "pinpoint_project" {
  source = "../../../../modules/pinpoint-project"

  name                     = "demo"
  permissions_boundary_arn = local.boundary_arn
  email                    = { from_address = "Shop <news@example.com>", identity_arn = "arn:aws:ses:eu-west-1:123456789012:identity/example.com", configuration_set = "shop" }
  event_stream             = { destination_arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/engagement" }
  settings = {
    limits             = { daily = 3, total = 5, messages_per_second = 100, maximum_duration = 60 }
    quiet_time         = { start = "22:00", end = "07:00" }
    cloudwatch_metrics = true
  }
}

module "connect_destination" {
  source = "../../../../modules/connect-destination"

  name               = "a-prefix-of-thirty-two-letters-x"
  kms_key_arn        = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  create_profiles    = true
  profile_attributes = ["plan", "an-attribute-whose-name-is-fifty-characters-long-1"]
  instance_id        = "11111111-2222-3333-4444-555555555555"
  campaign_flow_arn  = "arn:aws:connect:eu-west-1:123456789012:instance/11111111-2222-3333-4444-555555555555/contact-flow/66666666-7777-8888-9999-000000000000:1"
  senders            = { email = "news@example.com", sms = "arn:aws:sms-voice:eu-west-1:123456789012:phone-number/phone-1" }

  triggers = {
    a-trigger-with-long-name = merge(local.trigger, {
      channel                 = "EMAIL"
      attributes              = { for number in range(9) : "attribute_${number}" => [for value in range(10) : "value ${value}"] }
      segment_definition_name = "customers"
    })
    sms = merge(local.trigger, { route = "public", channel = "SMS", max_per_profile = { count = 1000, hours = 576 } })
  }
}

module "connect_destination_that_exists" {
  source = "../../../../modules/connect-destination"

  name                 = "demo"
  existing_domain_name = "amazon-connect-shop"
}
