# Each rule of what modules/pixel takes, keeps and sends. A run breaks one rule of every variable that it names.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name        = "demo"
  destination = { pinpoint = { application_id = "00112233445566778899aabbccddeeff" } }
}

run "pixel_malformed" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    name                     = "a-name-that-is-one-character-long-"
    kms_key_arn              = "11111111-2222-3333-4444-555555555555"
    permissions_boundary_arn = "arn:aws:iam::123456789012:role/boundary"
    alarm_topic_arns         = ["arn:aws:sqs:eu-west-1:123456789012:alarms"]
    destination              = { pinpoint = { application_id = "00112233445566778899AABBCCDDEEFF" } }
    lambda_package           = { s3_bucket = "artifacts", function_key = "", layer_key = "layer.zip" }
    stage_name               = "v1/events"
    image                    = "png"
    endpoint_id_pattern      = "(["
  }

  expect_failures = [
    var.name, var.kms_key_arn, var.permissions_boundary_arn, var.alarm_topic_arns, var.destination, var.lambda_package,
    var.stage_name, var.image, var.endpoint_id_pattern,
  ]
}

run "pixel_without_a_destination" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    destination = {}
  }

  expect_failures = [var.destination]
}

run "pixel_rate_below_zero" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    destination = { pinpoint = { application_id = "00112233445566778899aabbccddeeff", put_events_rate = -1 } }
  }

  expect_failures = [var.destination]
}

run "pixel_rate_of_no_objects" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    destination = { connect = {
      domain_name      = "demo"
      domain_arn       = "arn:aws:profile:eu-west-1:123456789012:domains/demo"
      object_types     = { public = "demo-public-events", trusted = "demo-trusted-events" }
      put_objects_rate = 0
    } }
  }

  expect_failures = [var.destination]
}

run "pixel_empty_globs" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    events                   = ["page_view", ""]
    event_attributes         = [" "]
    event_metrics            = [""]
    user_attributes          = { anonymous = [""] }
    reserved_events          = [""]
    reserved_endpoint_ids    = [""]
    reserved_user_attributes = [""]
  }

  expect_failures = [
    var.events, var.event_attributes, var.event_metrics, var.user_attributes, var.reserved_events,
    var.reserved_endpoint_ids, var.reserved_user_attributes,
  ]
}

run "pixel_no_event_at_all" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    events = []
  }

  expect_failures = [var.events]
}

run "pixel_pattern_that_python_does_not_know" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    endpoint_id_pattern = "[[:alnum:]]+"
  }

  expect_failures = [var.endpoint_id_pattern]
}

run "pixel_below_the_ranges" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    throttle    = { rate_per_second = 0 }
    access_logs = { enabled = true, retention_days = 2 }
    queue       = { max_receive_count = 0 }
    consumer    = { maximum_concurrency = 1 }
    alarms      = { rejects_per_5_minutes = -1 }
  }

  expect_failures = [var.throttle, var.access_logs, var.queue, var.consumer, var.alarms]
}

run "pixel_above_the_ranges" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    throttle    = { burst = 100001 }
    access_logs = { create_account_role = true }
    queue       = { retention_seconds = 1209601 }
    consumer    = { batch_size = 10001 }
  }

  expect_failures = [var.throttle, var.access_logs, var.queue, var.consumer]
}

run "pixel_visibility_below_the_timeout" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    queue    = { visibility_timeout_seconds = 119 }
    consumer = { batching_window_seconds = 301 }
  }

  expect_failures = [var.queue, var.consumer]
}

run "pixel_return_delay_that_grows_past_twelve_hours" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    queue    = { return_delay_seconds = 721 }
    consumer = { batch_size = 11, batching_window_seconds = 0 }
  }

  expect_failures = [var.queue, var.consumer]
}

run "pixel_runtime" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    function = { runtime = "python3.9" }
  }

  expect_failures = [var.function]
}

run "pixel_architecture" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    function = { architecture = "amd64" }
  }

  expect_failures = [var.function]
}

run "pixel_timeout" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    function = { timeout_seconds = 29 }
  }

  expect_failures = [var.function]
}

run "pixel_memory" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    function = { memory_mb = 127 }
  }

  expect_failures = [var.function]
}

run "pixel_log_level" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    function = { log_level = "WARN" }
  }

  expect_failures = [var.function]
}

run "pixel_log_retention" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    function = { log_retention_days = 31 }
  }

  expect_failures = [var.function]
}

run "pixel_empty_glob_for_customers" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    user_attributes = { authenticated = ["plan", " "] }
  }

  expect_failures = [var.user_attributes]
}

run "pixel_choices" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    global_privacy_control = "obey"
    max_events_per_request = 0
    cors                   = { origins = ["*"] }
  }

  expect_failures = [var.global_privacy_control, var.max_events_per_request, var.cors]
}

run "pixel_too_many_events" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    max_events_per_request = 101
    cors                   = { origins = ["https://www.example.com/"] }
  }

  expect_failures = [var.max_events_per_request, var.cors]
}

run "pixel_origin_that_no_browser_sends" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    cors = { origins = ["https://WWW.example.com"] }
  }

  expect_failures = [var.cors]
}

run "pixel_origin_that_would_break_the_template" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    cors = { origins = ["https://a.example\" || \"\" == \""] }
  }

  expect_failures = [var.cors]
}

run "pixel_origin_twice" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    cors = { origins = ["https://www.example.com", "https://www.example.com"] }
  }

  expect_failures = [var.cors]
}

run "pixel_throttle_of_post" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    throttle = { post = { rate_per_second = 0 } }
  }

  expect_failures = [var.throttle]
}

run "pixel_burst_of_post" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    throttle = { post = { burst = 1.5 } }
  }

  expect_failures = [var.throttle]
}

run "pixel_alarm_below_zero" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    alarms = { bad_tokens_per_5_minutes = -1 }
  }

  expect_failures = [var.alarms]
}

run "pixel_what_callers_may_say" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    trusted = { lambda = { function_arn = "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:authorizer:7", identity_header = null, ttl_seconds = null } }
    token   = { keys_arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/keys", audience = null, max_age_seconds = null, required = null }
    cors    = { origins = ["http://127.0.0.1:3000", "https://xn--bcher-kva.example"] }
    domain  = { name = "e.xn--bcher-kva.example", certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/1", hosted_zone = null }
    web_acl = null
  }

  assert {
    condition     = var.trusted.lambda.identity_header == "Authorization" && var.trusted.lambda.ttl_seconds == 300 && var.token.max_age_seconds == 86400 && !var.token.required && local.environment.TOKEN_AUDIENCE == "00112233445566778899aabbccddeeff"
    error_message = "null must mean the default, so that a caller can pass its own optional inputs on."
  }
}

# 1,700 characters, but 3,400 bytes.
run "pixel_environment_too_large_in_bytes" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    events = [join("", [for line in range(17) : join("", [for column in range(100) : "é"])])]
  }

  expect_failures = [aws_lambda_event_source_mapping.ingest]
}

run "pixel_environment_that_fits" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    events = [join("", [for line in range(14) : join("", [for column in range(100) : "é"])])]
  }

  assert {
    condition     = local.environment_bytes > 2800 && local.environment_bytes <= 4096
    error_message = "Bytes must be counted, not characters."
  }
}
