# Every example plans.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

mock_provider "aws" {
  alias           = "producer"
  source          = "./tests/mocks"
  override_during = plan
}

run "complete" {
  command = plan

  module {
    source = "./examples/complete"
  }

  assert {
    condition     = output.application_id == "00112233445566778899aabbccddeeff" && endswith(output.pixel.url, "/events")
    error_message = "The example must say where the pixel is and which project it feeds."
  }

  assert {
    condition     = endswith(output.pixel.trusted_url, "/trusted/events") && contains(output.pixel.alarm_names, "shop-pixel-dlq-depth") && output.pixel.domain_target == null
    error_message = "The example must have a trusted route and alarms."
  }

  assert {
    condition     = output.gtm_container == output.pixel.gtm_container && contains([for trigger in jsondecode(output.gtm_container).containerVersion.trigger : trigger.name], "Engagement - event purchase_success")
    error_message = "The example must have a container for Google Tag Manager with the shop's events."
  }

  assert {
    condition     = output.company_events.bus_name == "shop-company-events" && join(" ", output.company_events.reserved_events) == "company-* feature_release outage" && alltrue([for name in ["company-*", "feature_release", "outage", "release_*"] : contains(output.pixel.reserved.events, name)])
    error_message = "The example must announce its sample plans' events, which no call of the pixel may send."
  }
}

run "complete_with_everything" {
  command = plan

  module {
    source = "./examples/complete"
  }

  variables {
    name             = "staging"
    stage_name       = "Api-PinpointEvents"
    access_logs      = { enabled = true, create_account_role = true }
    queue            = { visibility_timeout_seconds = 60, return_delay_seconds = 1 }
    consumer         = { batching_window_seconds = 1 }
    function         = { timeout_seconds = 30, architecture = "x86_64" }
    email            = { from_address = "news@example.com", identity_arn = "arn:aws:ses:us-east-1:123456789012:identity/example.com" }
    event_stream_arn = "arn:aws:kinesis:us-east-1:123456789012:stream/engagement"
    settings         = { quiet_time = { start = "22:00", end = "07:00" } }
    token            = { keys_arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/keys", required = true }
    trusted          = { lambda = { function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:authorizer" } }
    throttle         = { post = { rate_per_second = 10 }, trusted = { burst = 5 } }
    cors_origins     = []
    alarms           = { rejects_per_5_minutes = 0 }
    company_events = {
      plans     = { digest = "{\"event\":\"digest\",\"audiences\":{},\"steps\":[]}" }
      schedules = { monday = { plan = "digest", expression = "cron(0 9 ? * MON *)" } }
      function  = { architecture = "x86_64" }
      journeys  = { call_timeout_seconds = 120, activities = 60 }
    }
  }

  assert {
    condition     = join(" ", output.company_events.reserved_events) == "company-* digest" && output.company_events.functions.step.name == "staging-company-events-step"
    error_message = "The caller's plans must take the place of the samples."
  }

  assert {
    condition     = output.pixel.stage_name == "Api-PinpointEvents" && output.pixel.access_log_group_name == "/aws/apigateway/staging-pixel" && output.pixel.function_name == "staging-pixel-consumer"
    error_message = "The example's inputs must reach the modules."
  }
}

run "complete_with_connect" {
  command = plan

  module {
    source = "./examples/complete"
  }

  variables {
    destination = "connect"
    connect = {
      instance_id       = "11111111-2222-3333-4444-555555555555"
      campaign_flow_arn = "arn:aws:connect:eu-west-1:123456789012:instance/11111111-2222-3333-4444-555555555555/contact-flow/66666666-7777-8888-9999-000000000000:1"
      senders           = { email = "news@example.com", sms = "arn:aws:sms-voice:eu-west-1:123456789012:phone-number/phone-1" }
      templates         = { for name in ["premium-release", "release-sms", "reminder"] : name => { arn = "arn:aws:wisdom:eu-west-1:123456789012:message-template/11111111-2222-3333-4444-555555555555/66666666-7777-8888-9999-000000000000" } }
    }
  }

  assert {
    condition     = output.application_id == null && output.connect.domain_name == "shop" && join(" ", output.company_events.reserved_events) == "company-* feature_release" && output.company_events.interactions == null
    error_message = "The same example must work with Connect alone, without a Pinpoint project."
  }
}

run "complete_with_both" {
  command = plan

  module {
    source = "./examples/complete"
  }

  variables {
    destination = "both"
    connect = {
      instance_id       = "11111111-2222-3333-4444-555555555555"
      campaign_flow_arn = "arn:aws:connect:eu-west-1:123456789012:instance/11111111-2222-3333-4444-555555555555/contact-flow/66666666-7777-8888-9999-000000000000:1"
      senders           = { email = "news@example.com", sms = "arn:aws:sms-voice:eu-west-1:123456789012:phone-number/phone-1" }
      templates         = { for name in ["premium-release", "release-sms", "reminder"] : name => { arn = "arn:aws:wisdom:eu-west-1:123456789012:message-template/11111111-2222-3333-4444-555555555555/66666666-7777-8888-9999-000000000000" } }
    }
  }

  assert {
    condition     = output.application_id == "00112233445566778899aabbccddeeff" && output.connect.domain_name == "shop" && output.company_events.interactions != null
    error_message = "With both, Pinpoint sends until sends_by says otherwise."
  }
}

run "pixel_only" {
  command = plan

  module {
    source = "./examples/pixel-only"
  }

  variables {
    application_id = "00112233445566778899aabbccddeeff"
  }

  assert {
    condition     = module.website.function_name != module.newsletter.function_name && module.website.log_group_name != module.newsletter.log_group_name
    error_message = "Two calls in one account must not collide."
  }
}

run "existing_project" {
  command = plan

  module {
    source = "./examples/existing-project"
  }

  variables {
    application_id = "00112233445566778899aabbccddeeff"
  }

  assert {
    condition     = output.pixel.stage_name == "Api-PinpointEvents"
    error_message = "The URL must have the original's shape."
  }
}

run "hardened" {
  command = plan

  module {
    source = "./examples/hardened"
  }

  variables {
    application_id            = "00112233445566778899aabbccddeeff"
    kms_key_arn               = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    alarm_topic_arn           = "arn:aws:sns:eu-west-1:123456789012:on-call"
    certificate_arn           = "arn:aws:acm:eu-west-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
    hosted_zone_id            = "Z0123456789ABCDEFGHIJ"
    token_keys_arn            = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/keys-a1B2c3"
    customer_database_account = "210987654321"
  }

  assert {
    condition     = output.pixel.url == "https://events.example.com/events" && output.pixel.domain_target.zone_id == "ZLY8HYME6SFDD" && contains(output.pixel.alarm_names, "shop-pixel-tokens-forged")
    error_message = "The example must have its own host name and alarms for tokens."
  }

  assert {
    condition     = length([for field in aws_wafv2_web_acl_logging_configuration.pixel.redacted_fields : field if length(field.query_string) == 1]) == 1 && !aws_wafv2_web_acl.pixel.visibility_config[0].sampled_requests_enabled
    error_message = "Query strings hold personal data and tokens, so the web ACL may not show them."
  }
}

run "complete_without_company_events" {
  command = plan

  module {
    source = "./examples/complete"
  }

  variables {
    company_events = null
  }

  assert {
    condition     = output.company_events == null && output.pixel != null
    error_message = "The example must work without company events."
  }
}

run "company_events_only" {
  command = plan

  module {
    source = "./examples/company-events-only"
  }

  variables {
    application_id = "00112233445566778899aabbccddeeff"
  }

  assert {
    condition     = output.bus_name == "default" && join(" ", module.company_events.reserved_events) == "company-* outage weekly_digest"
    error_message = "The example must listen on the account's own bus."
  }
}

run "cross_account" {
  command = plan

  module {
    source = "./examples/cross-account"
  }

  variables {
    application_id    = "00112233445566778899aabbccddeeff"
    producer_role_arn = "arn:aws:iam::210987654321:role/terraform"
  }

  override_data {
    target          = data.aws_caller_identity.producer
    override_during = plan
    values          = { account_id = "210987654321" }
  }

  assert {
    condition     = output.bus_arn == "arn:aws:events:eu-west-1:123456789012:event-bus/announcements-company-events" && aws_iam_role_policy.backend.policy == module.company_events.producer_policy_json
    error_message = "The backend must have the right to put events on the other account's bus."
  }
}
