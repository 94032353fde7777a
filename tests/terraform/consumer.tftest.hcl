# modules/pixel: what the consumer is told, and how it reads the queue.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name        = "demo"
  destination = { pinpoint = { application_id = "00112233445566778899aabbccddeeff" } }
}

run "consumer" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    destination              = { pinpoint = { application_id = "00112233445566778899aabbccddeeff", put_events_rate = 12.5 } }
    events                   = ["page_*"]
    event_attributes         = ["a*", "b"]
    event_metrics            = []
    user_attributes          = { anonymous = ["language"], authenticated = ["plan", "last_*"] }
    reserved_events          = ["release_*"]
    reserved_endpoint_ids    = ["staff-*"]
    reserved_user_attributes = ["tier"]
    endpoint_id_pattern      = "[0-9a-f]+"
    consumer                 = { maximum_concurrency = 3 }
    queue                    = { return_delay_seconds = 7, max_receive_count = 9 }
    max_events_per_request   = 50
    global_privacy_control   = "drop"
  }

  assert {
    condition = local.environment == {
      PINPOINT_APPLICATION_ID       = "00112233445566778899aabbccddeeff"
      PUT_EVENTS_RATE               = "12.5"
      PROFILES_DOMAIN               = ""
      PUBLIC_OBJECT_TYPE            = ""
      TRUSTED_OBJECT_TYPE           = ""
      PROFILE_ATTRIBUTES            = "[]"
      PUT_OBJECTS_RATE              = "100"
      MAXIMUM_CONCURRENCY           = "3"
      RETURN_DELAY_SECONDS          = "7"
      MAX_RECEIVE_COUNT             = "9"
      MAX_EVENTS_PER_REQUEST        = "50"
      INGEST_QUEUE_URL              = aws_sqs_queue.ingest.url
      REJECTS_QUEUE_URL             = aws_sqs_queue.rejects.url
      DLQ_URL                       = aws_sqs_queue.dlq.url
      EVENTS                        = "[\"page_*\"]"
      EVENT_ATTRIBUTES              = "[\"a*\",\"b\"]"
      EVENT_METRICS                 = "[]"
      USER_ATTRIBUTES_ANONYMOUS     = "[\"language\"]"
      USER_ATTRIBUTES_AUTHENTICATED = "[\"plan\",\"last_*\"]"
      RESERVED_EVENTS               = "[\"_*\",\"release_*\"]"
      RESERVED_ENDPOINT_IDS         = "[\"company-*\",\"staff-*\"]"
      RESERVED_USER_ATTRIBUTES      = "[\"engagement_*\",\"tier\"]"
      ENDPOINT_ID_PATTERN           = "[0-9a-f]+"
      REQUIRE_TOKEN                 = "false"
      TOKEN_KEYS_ARN                = ""
      TOKEN_AUDIENCE                = "00112233445566778899aabbccddeeff"
      MAX_TOKEN_AGE_SECONDS         = "86400"
      GLOBAL_PRIVACY_CONTROL        = "drop"
    }
    error_message = "The consumer's variables must be the contract's."
  }

  assert {
    condition     = module.consumer.environment_names == sort(concat(keys(local.environment), ["POWERTOOLS_LOG_LEVEL", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_SERVICE_NAME"]))
    error_message = "The variables must reach the function."
  }

  assert {
    condition     = aws_lambda_event_source_mapping.ingest.batch_size == 1000 && aws_lambda_event_source_mapping.ingest.maximum_batching_window_in_seconds == 5 && aws_lambda_event_source_mapping.ingest.scaling_config[0].maximum_concurrency == 3
    error_message = "Batches of 1,000, a window of 5 seconds, and the caller's concurrency."
  }

  assert {
    condition     = tolist(aws_lambda_event_source_mapping.ingest.function_response_types) == tolist(["ReportBatchItemFailures"])
    error_message = "Without partial responses one bad message returns a whole batch."
  }
}

run "nothing_allowed_by_default" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  assert {
    condition = { for key, value in local.environment : key => value if !endswith(key, "_URL") } == {
      PINPOINT_APPLICATION_ID       = "00112233445566778899aabbccddeeff"
      PUT_EVENTS_RATE               = "15"
      PROFILES_DOMAIN               = ""
      PUBLIC_OBJECT_TYPE            = ""
      TRUSTED_OBJECT_TYPE           = ""
      PROFILE_ATTRIBUTES            = "[]"
      PUT_OBJECTS_RATE              = "100"
      MAXIMUM_CONCURRENCY           = "2"
      RETURN_DELAY_SECONDS          = "30"
      MAX_RECEIVE_COUNT             = "20"
      MAX_EVENTS_PER_REQUEST        = "100"
      EVENTS                        = "[\"*\"]"
      EVENT_ATTRIBUTES              = "[\"*\"]"
      EVENT_METRICS                 = "[\"*\"]"
      USER_ATTRIBUTES_ANONYMOUS     = "[]"
      USER_ATTRIBUTES_AUTHENTICATED = "[]"
      RESERVED_EVENTS               = "[\"_*\"]"
      RESERVED_ENDPOINT_IDS         = "[\"company-*\"]"
      RESERVED_USER_ATTRIBUTES      = "[\"engagement_*\"]"
      ENDPOINT_ID_PATTERN           = ""
      REQUIRE_TOKEN                 = "false"
      TOKEN_KEYS_ARN                = ""
      TOKEN_AUDIENCE                = "00112233445566778899aabbccddeeff"
      MAX_TOKEN_AGE_SECONDS         = "86400"
      GLOBAL_PRIVACY_CONTROL        = "no_updates"
    }
    error_message = "By default no user attribute may be written, the built-in names are reserved, tokens mean nothing and the privacy signal is heard."
  }
}

run "token" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    token = { keys_arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/keys", max_age_seconds = 3600, required = true }
  }

  assert {
    condition = { for key in ["REQUIRE_TOKEN", "TOKEN_KEYS_ARN", "TOKEN_AUDIENCE", "MAX_TOKEN_AGE_SECONDS"] : key => local.environment[key] } == {
      REQUIRE_TOKEN         = "true"
      TOKEN_KEYS_ARN        = "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/keys"
      TOKEN_AUDIENCE        = "00112233445566778899aabbccddeeff"
      MAX_TOKEN_AGE_SECONDS = "3600"
    }
    error_message = "The consumer must know where the keys are, and that tokens are for its own project."
  }
}

run "token_for_an_audience" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    token = { keys_arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/keys-a1B2c3", audience = "shop-production" }
  }

  assert {
    condition     = local.environment.TOKEN_AUDIENCE == "shop-production" && local.environment.REQUIRE_TOKEN == "false" && local.environment.MAX_TOKEN_AGE_SECONDS == "86400"
    error_message = "The caller's audience must win; a token is not required unless said."
  }
}

run "token_of_another_region" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    token = { keys_arn = "arn:aws:ssm:us-east-1:123456789012:parameter/shop/keys" }
  }

  expect_failures = [aws_lambda_event_source_mapping.ingest]
}
