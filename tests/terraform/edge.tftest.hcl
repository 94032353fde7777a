# modules/pixel: own host name, web ACL, throttles.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name        = "demo"
  destination = { pinpoint = { application_id = "00112233445566778899aabbccddeeff" } }
}

run "nothing_unless_asked" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  assert {
    condition     = length(aws_api_gateway_domain_name.this) == 0 && length(aws_api_gateway_base_path_mapping.this) == 0 && length(aws_route53_record.this) == 0 && length(aws_wafv2_web_acl_association.this) == 0 && output.domain_target == null
    error_message = "No host name and no web ACL may be made unless asked for."
  }

  assert {
    condition     = length(aws_api_gateway_method_settings.route) == 0
    error_message = "By default all methods have the same throttle."
  }
}

run "domain" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    domain  = { name = "events.example.com", certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/11111111-2222-3333-4444-555555555555" }
    trusted = { iam = {} }
  }

  assert {
    condition     = output.url == "https://events.example.com/events" && output.trusted_url == "https://events.example.com/trusted/events" && startswith(output.gtm_image_url, "https://events.example.com/events?event=")
    error_message = "URLs must have the caller's host and no stage."
  }

  assert {
    condition     = aws_api_gateway_domain_name.this["domain"].security_policy == "TLS_1_2" && tolist(aws_api_gateway_domain_name.this["domain"].endpoint_configuration[0].types) == tolist(["REGIONAL"]) && aws_api_gateway_domain_name.this["domain"].regional_certificate_arn == var.domain.certificate_arn && aws_api_gateway_domain_name.this["domain"].certificate_arn == null
    error_message = "The host name must be regional, with the caller's certificate and TLS 1.2 at least."
  }

  assert {
    condition     = aws_api_gateway_base_path_mapping.this["domain"].stage_name == "v1" && aws_api_gateway_base_path_mapping.this["domain"].base_path == null
    error_message = "The host must lead to the stage without a path of its own."
  }

  assert {
    condition     = length(aws_route53_record.this) == 0 && output.domain_target == { name = "d-a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com", zone_id = "ZLY8HYME6SFDD" }
    error_message = "Without a zone the output must say where DNS has to point."
  }

  assert {
    condition     = output.trusted_arn == "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/v1/POST/trusted/events"
    error_message = "A caller's right names the stage, whatever the host."
  }
}

run "domain_alone" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    domain = { name = "events.example.com", certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/11111111-2222-3333-4444-555555555555", exclusive = true }
  }

  assert {
    condition     = aws_api_gateway_rest_api.this.disable_execute_api_endpoint && jsondecode(aws_api_gateway_rest_api.this.body).x-amazon-apigateway-endpoint-configuration.disableExecuteApiEndpoint
    error_message = "An exclusive host name must close API Gateway's own, in the contract that is deployed too."
  }
}

run "domain_in_a_zone" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    domain = { name = "events.example.com", certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/11111111-2222-3333-4444-555555555555", hosted_zone = { id = "Z0123456789ABCDEFGHIJ" } }
  }

  assert {
    condition     = aws_route53_record.this["domain"].zone_id == "Z0123456789ABCDEFGHIJ" && aws_route53_record.this["domain"].name == "events.example.com" && aws_route53_record.this["domain"].type == "A"
    error_message = "The record must be the host's, in the caller's zone."
  }

  assert {
    condition     = one(aws_route53_record.this["domain"].alias) == { name = "d-a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com", zone_id = "ZLY8HYME6SFDD", evaluate_target_health = false }
    error_message = "The record must be an alias of the regional host name."
  }
}

run "certificate_of_another_region" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    domain = { name = "events.example.com", certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555" }
  }

  expect_failures = [aws_api_gateway_domain_name.this]
}

run "web_acl" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    web_acl = { arn = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/edge/11111111-2222-3333-4444-555555555555" }
  }

  assert {
    condition     = aws_wafv2_web_acl_association.this["web_acl"].web_acl_arn == var.web_acl.arn && aws_wafv2_web_acl_association.this["web_acl"].resource_arn == aws_api_gateway_stage.this.arn
    error_message = "The web ACL must be the stage's, so that it holds for every host name."
  }
}

run "throttles" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    throttle = { rate_per_second = 200, burst = 300, post = { rate_per_second = 20 }, trusted = { rate_per_second = 5, burst = 7 } }
    trusted  = { iam = {} }
  }

  assert {
    condition     = aws_api_gateway_method_settings.this.settings[0].throttling_rate_limit == 200 && aws_api_gateway_method_settings.this.settings[0].throttling_burst_limit == 300
    error_message = "All methods must have the caller's throttle."
  }

  assert {
    condition = { for path, method in aws_api_gateway_method_settings.route : method.method_path => "${method.settings[0].throttling_rate_limit} ${method.settings[0].throttling_burst_limit}" } == {
      "~1events/POST"          = "20 300"
      "~1trusted~1events/POST" = "5 7"
    }
    error_message = "POST and the trusted route must have theirs, under the names that API Gateway gives them; what is left out is the stage's."
  }

  assert {
    condition     = alltrue([for method in aws_api_gateway_method_settings.route : method.settings[0].metrics_enabled && !method.settings[0].data_trace_enabled && method.settings[0].logging_level == "OFF"])
    error_message = "Settings of a method replace the stage's, so they must repeat them."
  }
}

run "throttles_with_logs" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    throttle    = { post = { burst = 20 } }
    access_logs = { enabled = true }
  }

  assert {
    condition     = aws_api_gateway_method_settings.route["~1events/POST"].settings[0].logging_level == "ERROR" && aws_api_gateway_method_settings.route["~1events/POST"].settings[0].throttling_rate_limit == 1000
    error_message = "A method with its own throttle must log errors like the others."
  }
}
