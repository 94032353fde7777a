# Each rule of each input of modules/connect-destination, and of what Connect needs to send. A run breaks one rule of every
# variable that it names.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name              = "demo"
  instance_id       = "11111111-2222-3333-4444-555555555555"
  campaign_flow_arn = "arn:aws:connect:eu-west-1:123456789012:instance/11111111-2222-3333-4444-555555555555/contact-flow/66666666-7777-8888-9999-000000000000:1"
  senders           = { email = "news@example.com" }
  template_arn      = "arn:aws:wisdom:eu-west-1:123456789012:message-template/11111111-2222-3333-4444-555555555555/66666666-7777-8888-9999-000000000000"
}

run "malformed" {
  command = plan

  module {
    source = "./modules/connect-destination"
  }

  variables {
    existing_domain_name     = "amazon connect"
    domain_expiration_days   = 0
    profile_attributes       = ["plan*"]
    object_expiration_days   = 1099
    max_objects_per_profile  = 1001
    unmatched_objects        = { retention_seconds = 59 }
    instance_id              = "shop"
    campaign_flow_arn        = "arn:aws:connect:eu-west-1:123456789012:instance/11111111-2222-3333-4444-555555555555/contact-flow/66666666-7777-8888-9999-000000000000"
    senders                  = { email = "News <news@example.com>" }
    templates                = { cart = { arn = "cart" } }
    function                 = { runtime = "python3.9" }
    name                     = "Demo"
    kms_key_arn              = "alias/demo"
    lambda_package           = { s3_bucket = "", function_key = "function.zip", layer_key = "layer.zip" }
    permissions_boundary_arn = "boundary"
    alarm_topic_arns         = ["alarms"]
  }

  expect_failures = [
    var.existing_domain_name, var.domain_expiration_days, var.profile_attributes, var.object_expiration_days,
    var.max_objects_per_profile, var.unmatched_objects, var.instance_id, var.campaign_flow_arn, var.senders, var.templates,
    var.function, var.name, var.kms_key_arn, var.lambda_package, var.permissions_boundary_arn, var.alarm_topic_arns,
  ]
}

run "malformed_otherwise" {
  command = plan

  module {
    source = "./modules/connect-destination"
  }

  variables {
    profile_attributes = ["plan", "plan"]
    unmatched_objects  = { alarm_above = -1 }
    senders            = { sms = "+15550100" }
    templates          = { cart = { arn = var.template_arn, campaign_flow_arn = "flow" } }
    function           = { architecture = "arm" }
  }

  expect_failures = [var.profile_attributes, var.unmatched_objects, var.senders, var.templates, var.function]
}

run "malformed_in_a_third_way" {
  command = plan

  module {
    source = "./modules/connect-destination"
  }

  variables {
    function = { log_level = "LOUD" }
  }

  expect_failures = [var.function]
}

run "logs_for_two_days" {
  command = plan

  module {
    source = "./modules/connect-destination"
  }

  variables {
    function = { log_retention_days = 2 }
  }

  expect_failures = [var.function]
}

run "triggers_without_an_instance" {
  command = plan

  module {
    source = "./modules/connect-destination"
  }

  variables {
    instance_id = null
    triggers    = { cart = { event = "cart", channel = "EMAIL", template_arn = var.template_arn, start_time = "2027-01-01T00:00:00Z", end_time = "2028-01-01T00:00:00Z" } }
  }

  expect_failures = [var.triggers]
}

run "triggers_beyond_the_guide_s_limit" {
  command = plan

  module {
    source = "./modules/connect-destination"
  }

  variables {
    triggers = { for number in range(21) : "cart-${number}" => { event = "cart", channel = "EMAIL", template_arn = var.template_arn, start_time = "2027-01-01T00:00:00Z", end_time = "2028-01-01T00:00:00Z" } }
  }

  expect_failures = [var.triggers]
}

run "trigger_key_with_an_underscore" {
  command = plan

  module {
    source = "./modules/connect-destination"
  }

  variables {
    triggers = { cart_abandoned = { event = "cart", channel = "EMAIL", template_arn = var.template_arn, start_time = "2027-01-01T00:00:00Z", end_time = "2028-01-01T00:00:00Z" } }
  }

  expect_failures = [var.triggers]
}

run "trigger_without_an_event" {
  command = plan

  module {
    source = "./modules/connect-destination"
  }

  variables {
    triggers = { cart = { event = "", channel = "EMAIL", template_arn = var.template_arn, start_time = "2027-01-01T00:00:00Z", end_time = "2028-01-01T00:00:00Z" } }
  }

  expect_failures = [var.triggers]
}

run "trigger_of_no_route" {
  command = plan

  module {
    source = "./modules/connect-destination"
  }

  variables {
    triggers = { cart = { event = "cart", channel = "EMAIL", template_arn = var.template_arn, start_time = "2027-01-01T00:00:00Z", end_time = "2028-01-01T00:00:00Z", route = "private" } }
  }

  expect_failures = [var.triggers]
}

run "trigger_with_too_many_attributes" {
  command = plan

  module {
    source = "./modules/connect-destination"
  }

  variables {
    triggers = { cart = { event = "cart", channel = "EMAIL", template_arn = var.template_arn, start_time = "2027-01-01T00:00:00Z", end_time = "2028-01-01T00:00:00Z", attributes = { for number in range(10) : "a${number}" => ["b"] } } }
  }

  expect_failures = [var.triggers]
}

run "trigger_attribute_with_a_dot" {
  command = plan

  module {
    source = "./modules/connect-destination"
  }

  variables {
    triggers = { cart = { event = "cart", channel = "EMAIL", template_arn = var.template_arn, start_time = "2027-01-01T00:00:00Z", end_time = "2028-01-01T00:00:00Z", attributes = { "item.id" = ["1"] } } }
  }

  expect_failures = [var.triggers]
}

run "trigger_attribute_of_no_value" {
  command = plan

  module {
    source = "./modules/connect-destination"
  }

  variables {
    triggers = { cart = { event = "cart", channel = "EMAIL", template_arn = var.template_arn, start_time = "2027-01-01T00:00:00Z", end_time = "2028-01-01T00:00:00Z", attributes = { currency = [] } } }
  }

  expect_failures = [var.triggers]
}

run "trigger_of_no_template" {
  command = plan

  module {
    source = "./modules/connect-destination"
  }

  variables {
    triggers = { cart = { event = "cart", channel = "EMAIL", start_time = "2027-01-01T00:00:00Z", end_time = "2028-01-01T00:00:00Z" } }
  }

  expect_failures = [var.triggers]
}

run "trigger_of_two_templates" {
  command = plan

  module {
    source = "./modules/connect-destination"
  }

  variables {
    triggers = { cart = { event = "cart", channel = "EMAIL", template_arn = var.template_arn, start_time = "2027-01-01T00:00:00Z", end_time = "2028-01-01T00:00:00Z", template = "cart" } }
  }

  expect_failures = [var.triggers]
}

run "trigger_of_an_unknown_template" {
  command = plan

  module {
    source = "./modules/connect-destination"
  }

  variables {
    triggers = { cart = { event = "cart", channel = "EMAIL", start_time = "2027-01-01T00:00:00Z", end_time = "2028-01-01T00:00:00Z", template = "unknown" } }
  }

  expect_failures = [var.triggers]
}

run "trigger_template_that_is_no_arn" {
  command = plan

  module {
    source = "./modules/connect-destination"
  }

  variables {
    triggers = { cart = { event = "cart", channel = "EMAIL", template_arn = "cart", start_time = "2027-01-01T00:00:00Z", end_time = "2028-01-01T00:00:00Z" } }
  }

  expect_failures = [var.triggers]
}

run "trigger_channel" {
  command = plan

  module {
    source = "./modules/connect-destination"
  }

  variables {
    triggers = { cart = { event = "cart", channel = "PUSH", template_arn = var.template_arn, start_time = "2027-01-01T00:00:00Z", end_time = "2028-01-01T00:00:00Z" } }
  }

  expect_failures = [var.triggers]
}

run "trigger_without_a_sender" {
  command = plan

  module {
    source = "./modules/connect-destination"
  }

  variables {
    triggers = { cart = { event = "cart", channel = "SMS", template_arn = var.template_arn, start_time = "2027-01-01T00:00:00Z", end_time = "2028-01-01T00:00:00Z" } }
  }

  expect_failures = [var.triggers]
}

run "trigger_flow_without_a_version" {
  command = plan

  module {
    source = "./modules/connect-destination"
  }

  variables {
    triggers = { cart = { event = "cart", channel = "EMAIL", template_arn = var.template_arn, start_time = "2027-01-01T00:00:00Z", end_time = "2028-01-01T00:00:00Z", campaign_flow_arn = "arn:aws:connect:eu-west-1:123456789012:instance/x/contact-flow/y" } }
  }

  expect_failures = [var.triggers]
}

run "trigger_that_ends_before_it_starts" {
  command = plan

  module {
    source = "./modules/connect-destination"
  }

  variables {
    triggers = { cart = { event = "cart", channel = "EMAIL", template_arn = var.template_arn, start_time = "2027-01-01T00:00:00Z", end_time = "2026-12-31T00:00:00Z" } }
  }

  expect_failures = [var.triggers]
}

run "trigger_at_no_moment" {
  command = plan

  module {
    source = "./modules/connect-destination"
  }

  variables {
    triggers = { cart = { event = "cart", channel = "EMAIL", template_arn = var.template_arn, start_time = "tomorrow", end_time = "2028-01-01T00:00:00Z" } }
  }

  expect_failures = [var.triggers]
}

run "trigger_without_messages" {
  command = plan

  module {
    source = "./modules/connect-destination"
  }

  variables {
    triggers = { cart = { event = "cart", channel = "EMAIL", template_arn = var.template_arn, start_time = "2027-01-01T00:00:00Z", end_time = "2028-01-01T00:00:00Z", max_per_profile = { count = 0 } } }
  }

  expect_failures = [var.triggers]
}

run "trigger_limit_of_a_day_and_a_half" {
  command = plan

  module {
    source = "./modules/connect-destination"
  }

  variables {
    triggers = { cart = { event = "cart", channel = "EMAIL", template_arn = var.template_arn, start_time = "2027-01-01T00:00:00Z", end_time = "2028-01-01T00:00:00Z", max_per_profile = { hours = 36 } } }
  }

  expect_failures = [var.triggers]
}

run "trigger_for_a_segment_s_arn" {
  command = plan

  module {
    source = "./modules/connect-destination"
  }

  variables {
    triggers = { cart = { event = "cart", channel = "EMAIL", template_arn = var.template_arn, start_time = "2027-01-01T00:00:00Z", end_time = "2028-01-01T00:00:00Z", segment_definition_name = "arn:aws:profile:eu-west-1:123456789012:domains/demo/segment-definitions/s" } }
  }

  expect_failures = [var.triggers]
}

run "trigger_event_older_than_connect_takes" {
  command = plan

  module {
    source = "./modules/connect-destination"
  }

  variables {
    triggers = { cart = { event = "cart", channel = "EMAIL", template_arn = var.template_arn, start_time = "2027-01-01T00:00:00Z", end_time = "2028-01-01T00:00:00Z", event_expiration_minutes = 16 } }
  }

  expect_failures = [var.triggers]
}

run "trigger_without_a_flow" {
  command = plan

  module {
    source = "./modules/connect-destination"
  }

  variables {
    campaign_flow_arn = null
    triggers          = { cart = { event = "cart", channel = "EMAIL", template_arn = var.template_arn, start_time = "2027-01-01T00:00:00Z", end_time = "2028-01-01T00:00:00Z" } }
  }

  expect_failures = [var.triggers]
}

# ---------------------------------------------------------------------------------------------------------------------
# What Connect needs to send company events
# ---------------------------------------------------------------------------------------------------------------------

run "sends_without_an_instance" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  variables {
    destination = { connect = { domain_name = "demo", domain_arn = "arn:aws:profile:eu-west-1:123456789012:domains/demo", senders = var.senders, templates = { cart = { arn = var.template_arn, campaign_flow_arn = var.campaign_flow_arn } } } }
  }

  expect_failures = [var.destination]
}

run "sends_without_templates" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  variables {
    destination = { connect = { domain_name = "demo", domain_arn = "arn:aws:profile:eu-west-1:123456789012:domains/demo", instance_id = var.instance_id, senders = var.senders } }
  }

  expect_failures = [var.destination]
}

run "sends_without_a_flow" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  variables {
    destination = { connect = { domain_name = "demo", domain_arn = "arn:aws:profile:eu-west-1:123456789012:domains/demo", instance_id = var.instance_id, senders = var.senders, templates = { cart = { arn = var.template_arn } } } }
  }

  expect_failures = [var.destination]
}

run "sends_without_a_sender" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  variables {
    destination = { connect = { domain_name = "demo", domain_arn = "arn:aws:profile:eu-west-1:123456789012:domains/demo", instance_id = var.instance_id, templates = { cart = { arn = var.template_arn, campaign_flow_arn = var.campaign_flow_arn } } } }
  }

  expect_failures = [var.destination]
}

run "sends_at_no_rate" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  variables {
    destination = { connect = { domain_name = "demo", domain_arn = "arn:aws:profile:eu-west-1:123456789012:domains/demo", instance_id = var.instance_id, senders = var.senders, templates = { cart = { arn = var.template_arn, campaign_flow_arn = var.campaign_flow_arn } }, campaign_create_rate = 0 } }
  }

  expect_failures = [var.destination]
}

run "stamps_at_no_rate" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  variables {
    destination = { connect = { domain_name = "demo", domain_arn = "arn:aws:profile:eu-west-1:123456789012:domains/demo", instance_id = var.instance_id, senders = var.senders, templates = { cart = { arn = var.template_arn, campaign_flow_arn = var.campaign_flow_arn } }, update_profiles_rate = 0 } }
  }

  expect_failures = [var.destination]
}

run "sends_by_nobody" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  variables {
    destination = { pinpoint = { application_id = "00112233445566778899aabbccddeeff" }, connect = { domain_name = "demo", domain_arn = "arn:aws:profile:eu-west-1:123456789012:domains/demo" } }
  }

  expect_failures = [var.destination]
}

run "sends_by_what_is_not_there" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  variables {
    destination = { pinpoint = { application_id = "00112233445566778899aabbccddeeff" }, sends_by = "connect" }
  }

  expect_failures = [var.destination]
}

run "hears_what_nobody_tells" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  variables {
    destination  = { connect = { domain_name = "demo", domain_arn = "arn:aws:profile:eu-west-1:123456789012:domains/demo", instance_id = var.instance_id, senders = var.senders, templates = { cart = { arn = var.template_arn, campaign_flow_arn = var.campaign_flow_arn } } } }
    interactions = {}
  }

  expect_failures = [var.interactions]
}
