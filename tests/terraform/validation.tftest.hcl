# Each rule of each input of the root and of modules/pinpoint-project. A run breaks one rule of every variable that it names.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name        = "demo"
  destination = { pinpoint = { application_id = "00112233445566778899aabbccddeeff" } }
}

run "root_malformed" {
  command = plan

  variables {
    name                     = "Demo"
    kms_key_arn              = "arn:aws:kms:eu-west-1:123456789012:alias/demo"
    permissions_boundary_arn = "boundary"
    alarm_topic_arns         = ["alarms"]
    destination              = { pinpoint = { application_id = "*" } }
    lambda_package           = { s3_bucket = "", function_key = "function.zip", layer_key = "layer.zip" }
  }

  expect_failures = [
    var.name, var.kms_key_arn, var.permissions_boundary_arn, var.alarm_topic_arns, var.destination, var.lambda_package,
  ]
}

run "root_without_a_destination" {
  command = plan

  variables {
    destination = {}
  }

  expect_failures = [var.destination]
}

run "root_sent_by_nobody_named" {
  command = plan

  variables {
    destination = { pinpoint = { application_id = "00112233445566778899aabbccddeeff" }, connect = {} }
  }

  expect_failures = [var.destination]
}

run "root_sent_by_what_is_not_there" {
  command = plan

  variables {
    destination = { pinpoint = { application_id = "00112233445566778899aabbccddeeff" }, sends_by = "connect" }
  }

  expect_failures = [var.destination]
}

run "root_rate_of_zero" {
  command = plan

  variables {
    destination = { pinpoint = { application_id = "00112233445566778899aabbccddeeff", put_events_rate = 0 } }
  }

  expect_failures = [var.destination]
}

# ---------------------------------------------------------------------------------------------------------------------
# modules/pinpoint-project
# ---------------------------------------------------------------------------------------------------------------------

run "project_malformed" {
  command = plan

  module {
    source = "./modules/pinpoint-project"
  }

  variables {
    name                     = "my project"
    permissions_boundary_arn = "boundary"
    sms                      = { sender_id = "0123456" }
    email                    = { from_address = "news", identity_arn = "arn:aws:ses:eu-west-1:123456789012:identity/example.com" }
    event_stream             = { destination_arn = "arn:aws:s3:::bucket" }
    settings                 = { limits = { daily = 101 } }
  }

  expect_failures = [
    var.name, var.permissions_boundary_arn, var.sms, var.email, var.event_stream, var.settings,
  ]
}

run "project_malformed_otherwise" {
  command = plan

  module {
    source = "./modules/pinpoint-project"
  }

  variables {
    sms      = { short_code = "12" }
    email    = { from_address = "news@example.com", identity_arn = "example.com" }
    settings = { quiet_time = { start = "24:00", end = "07:00" } }
  }

  expect_failures = [var.sms, var.email, var.settings]
}

run "project_rate" {
  command = plan

  module {
    source = "./modules/pinpoint-project"
  }

  variables {
    settings = { limits = { messages_per_second = 0 } }
  }

  expect_failures = [var.settings]
}

run "project_duration" {
  command = plan

  module {
    source = "./modules/pinpoint-project"
  }

  variables {
    settings = { limits = { maximum_duration = 59 } }
  }

  expect_failures = [var.settings]
}
