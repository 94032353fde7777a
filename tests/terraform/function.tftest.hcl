# modules/function: one function, its log group, its environment and its alarms.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name        = "demo-pixel-consumer"
  description = "Test."
  handler     = "engagement.handlers.pixel.handler"
  code        = { s3_bucket = "artifacts", s3_key = "function.zip" }
  policy_json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"
  environment = { EVENTS = "[]" }

  settings = {
    runtime            = "python3.13"
    architecture       = "arm64"
    timeout_seconds    = 120
    memory_mb          = 512
    log_level          = "WARNING"
    log_retention_days = 30
  }
}

run "function" {
  command = plan

  module {
    source = "./modules/function"
  }

  assert {
    condition = aws_lambda_function.this.environment[0].variables == tomap({
      EVENTS                       = "[]"
      POWERTOOLS_SERVICE_NAME      = "demo-pixel-consumer"
      POWERTOOLS_METRICS_NAMESPACE = "CustomerEngagement"
      POWERTOOLS_LOG_LEVEL         = "WARNING"
    })
    error_message = "POWERTOOLS_* must be added to the caller's variables."
  }

  assert {
    condition     = aws_lambda_function.this.logging_config[0].log_group == "/aws/lambda/demo-pixel-consumer" && aws_lambda_function.this.logging_config[0].log_format == "JSON"
    error_message = "The function must log JSON into the group that is made here."
  }

  assert {
    condition     = aws_lambda_function.this.logging_config[0].application_log_level == "INFO"
    error_message = "Above INFO Lambda drops metrics, which are log lines."
  }

  assert {
    condition     = aws_cloudwatch_log_group.this.name == "/aws/lambda/demo-pixel-consumer" && aws_cloudwatch_log_group.this.retention_in_days == 30
    error_message = "The log group must have the caller's retention."
  }

  assert {
    condition     = aws_lambda_function.this.tracing_config[0].mode == "PassThrough" && aws_lambda_function.this.runtime == "python3.13" && tolist(aws_lambda_function.this.architectures) == tolist(["arm64"])
    error_message = "Runtime settings must be the caller's, tracing off by default."
  }

  assert {
    condition     = { for key, alarm in aws_cloudwatch_metric_alarm.this : key => "${alarm.alarm_name} ${alarm.threshold}" } == { Errors = "demo-pixel-consumer-errors 0", Throttles = "demo-pixel-consumer-throttles 0" }
    error_message = "Errors and throttles must each have an alarm."
  }
}

run "debug" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    settings = {
      runtime            = "python3.12"
      architecture       = "x86_64"
      timeout_seconds    = 30
      memory_mb          = 256
      log_level          = "DEBUG"
      log_retention_days = 1
    }
  }

  assert {
    condition     = aws_lambda_function.this.logging_config[0].application_log_level == "DEBUG"
    error_message = "Lambda must let debug lines through when they are asked for."
  }
}

run "package_is_missing" {
  command = plan

  module {
    source = "./modules/function"
  }

  variables {
    code = { filename = "dist/no-such-package.zip" }
  }

  expect_failures = [aws_lambda_function.this]
}
