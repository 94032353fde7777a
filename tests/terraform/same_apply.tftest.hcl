# A key that Terraform only knows after apply would end the plan with "Invalid for_each argument". Here nothing that is
# made is known in a plan, as on AWS.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "iam" {
  command = plan

  module {
    source = "./tests/terraform/roots/same_apply"
  }

  variables {
    authorizer = "iam"
  }
}

run "cognito" {
  command = plan

  module {
    source = "./tests/terraform/roots/same_apply"
  }

  variables {
    authorizer = "cognito"
  }
}

# Applied, so that values that come late pass every rule too.
run "lambda" {
  module {
    source = "./tests/terraform/roots/same_apply"
  }

  variables {
    authorizer = "lambda"
  }

  assert {
    condition     = module.pixel.url == "https://events.example.com/events" && length(module.pixel.alarm_names) == 13 && length(module.connect_destination.alarm_names) == 1 + 2 && length(module.company_events.alarm_names) == 26 + 2 + 3 * 2
    error_message = "Everything must be made in one apply."
  }
}

# What a plan cannot tell would change on every apply, and the functions would be called for nothing.
run "calls_at_apply" {
  command = plan

  module {
    source = "./modules/company-events"
  }

  variables {
    name         = "demo"
    destination  = { pinpoint = { application_id = "00112233445566778899aabbccddeeff" } }
    plans        = { outage = "{\"event\":\"outage\",\"audiences\":{},\"steps\":[]}" }
    interactions = {}
  }

  assert {
    condition     = jsondecode(aws_lambda_invocation.check.input).check == { "outage.json" = var.plans.outage }
    error_message = "Whether plans are checked must be known in the plan."
  }

  assert {
    condition     = jsondecode(aws_lambda_invocation.deploy.input).deploy == ["outage"] && jsondecode(aws_lambda_invocation.deploy.input).settings == sha256(local.plan_settings)
    error_message = "Whether journeys are looked after must be known in the plan."
  }

  assert {
    condition     = jsondecode(aws_lambda_invocation.event_stream["this"].input).stream_arn == local.stream_arn
    error_message = "Whether the project is connected must be known in the plan."
  }
}
