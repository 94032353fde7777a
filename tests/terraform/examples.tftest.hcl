# Every example plans.

mock_provider "aws" {
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
  }

  assert {
    condition     = output.pixel.stage_name == "Api-PinpointEvents" && output.pixel.access_log_group_name == "/aws/apigateway/staging-pixel" && output.pixel.function_name == "staging-pixel-consumer"
    error_message = "The example's inputs must reach the modules."
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
