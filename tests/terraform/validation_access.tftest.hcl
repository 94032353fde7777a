# Each rule of who may call modules/pixel, under which host name, with which token. A run breaks one rule of every variable that it names.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name        = "demo"
  destination = { pinpoint = { application_id = "00112233445566778899aabbccddeeff" } }
}

run "pixel_throttle_of_the_trusted_route" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    trusted  = { iam = {} }
    throttle = { trusted = { rate_per_second = 100001 } }
  }

  expect_failures = [var.throttle]
}

run "pixel_throttle_of_a_route_that_does_not_exist" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    throttle = { trusted = { burst = 5 } }
  }

  expect_failures = [var.throttle]
}

run "pixel_two_authorizers" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    trusted = { iam = {}, lambda = { function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:authorizer" } }
  }

  expect_failures = [var.trusted]
}

run "pixel_no_authorizer" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    trusted = {}
  }

  expect_failures = [var.trusted]
}

run "pixel_everyone_as_principal" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    trusted = { iam = { principals = ["*"] } }
  }

  expect_failures = [var.trusted]
}

run "pixel_service_as_principal" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    trusted = { iam = { principals = ["210987654321", "lambda.amazonaws.com"] } }
  }

  expect_failures = [var.trusted]
}

run "pixel_no_user_pool" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    trusted = { cognito = { user_pool_arns = [] } }
  }

  expect_failures = [var.trusted]
}

run "pixel_id_of_a_user_pool" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    trusted = { cognito = { user_pool_arns = ["eu-west-1_A1b2C3"] } }
  }

  expect_failures = [var.trusted]
}

run "pixel_claim_that_a_template_cannot_name" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    trusted = { cognito = { user_pool_arns = ["arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_A1b2C3"], endpoint_claim = "custom:id" } }
  }

  expect_failures = [var.trusted]
}

run "pixel_invoke_arn_of_the_authorizer" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    trusted = { lambda = { function_arn = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:authorizer/invocations" } }
  }

  expect_failures = [var.trusted]
}

run "pixel_header_of_the_authorizer" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    trusted = { lambda = { function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:authorizer", identity_header = "X Secret" } }
  }

  expect_failures = [var.trusted]
}

run "pixel_ttl_of_the_authorizer" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    trusted = { lambda = { function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:authorizer", ttl_seconds = 3601 } }
  }

  expect_failures = [var.trusted]
}

run "pixel_domain_with_a_path" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    domain  = { name = "events.example.com/x", certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/1" }
    web_acl = { arn = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/edge/1" }
  }

  expect_failures = [var.domain, var.web_acl]
}

run "pixel_domain_without_a_certificate" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    domain = { name = "events.example.com", certificate_arn = "" }
  }

  expect_failures = [var.domain]
}

run "pixel_domain_in_a_zone_by_name" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    domain = { name = "events.example.com", certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/1", hosted_zone = { id = "example.com" } }
  }

  expect_failures = [var.domain]
}

run "pixel_name_of_the_keys" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    token = { keys_arn = "/shop/keys" }
  }

  expect_failures = [var.token]
}

run "pixel_half_an_arn_of_a_secret" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    token = { keys_arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:keys" }
  }

  expect_failures = [var.token]
}

run "pixel_alias_for_the_keys" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    token = { keys_arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/keys", kms_key_arn = "alias/shop" }
  }

  expect_failures = [var.token]
}

run "pixel_audience_with_a_space" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    token = { keys_arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/keys", audience = "the shop" }
  }

  expect_failures = [var.token]
}

run "pixel_empty_audience" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    token = { keys_arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/keys", audience = "" }
  }

  expect_failures = [var.token]
}

run "pixel_tokens_for_more_than_a_day" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    token = { keys_arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/keys", max_age_seconds = 86401 }
  }

  expect_failures = [var.token]
}

run "pixel_tokens_for_less_than_a_minute" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    token = { keys_arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/keys", max_age_seconds = 59 }
  }

  expect_failures = [var.token]
}
