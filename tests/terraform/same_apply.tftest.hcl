# A key that Terraform only knows after apply would end the plan with "Invalid for_each argument".

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
    condition     = module.pixel.url == "https://events.example.com/events" && length(module.pixel.alarm_names) == 12 && length(module.company_events.alarm_names) == 20 + 2 + 3 * 2
    error_message = "Everything must be made in one apply."
  }
}
