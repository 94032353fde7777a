locals {
  dist = "${path.module}/../../dist"
  zips = {
    function = "${local.dist}/engagement-function.zip"
    layer    = "${local.dist}/engagement-layer.zip"
  }

  environment = {
    # What is no destination is empty, and its rate the default.
    PINPOINT_APPLICATION_ID       = try(var.destination.pinpoint.application_id, "")
    PUT_EVENTS_RATE               = try(tostring(var.destination.pinpoint.put_events_rate), "15")
    PROFILES_DOMAIN               = try(var.destination.connect.domain_name, "")
    PUBLIC_OBJECT_TYPE            = try(var.destination.connect.object_types.public, "")
    TRUSTED_OBJECT_TYPE           = try(var.destination.connect.object_types.trusted, "")
    PROFILE_ATTRIBUTES            = jsonencode(try(var.destination.connect.profile_attributes, []))
    PUT_OBJECTS_RATE              = try(tostring(var.destination.connect.put_objects_rate), "100")
    MAXIMUM_CONCURRENCY           = tostring(var.consumer.maximum_concurrency)
    RETURN_DELAY_SECONDS          = tostring(var.queue.return_delay_seconds)
    MAX_RECEIVE_COUNT             = tostring(var.queue.max_receive_count)
    MAX_EVENTS_PER_REQUEST        = tostring(var.max_events_per_request)
    INGEST_QUEUE_URL              = aws_sqs_queue.ingest.url
    REJECTS_QUEUE_URL             = aws_sqs_queue.rejects.url
    DLQ_URL                       = aws_sqs_queue.dlq.url
    EVENTS                        = jsonencode(var.events)
    EVENT_ATTRIBUTES              = jsonencode(var.event_attributes)
    EVENT_METRICS                 = jsonencode(var.event_metrics)
    USER_ATTRIBUTES_ANONYMOUS     = jsonencode(var.user_attributes.anonymous)
    USER_ATTRIBUTES_AUTHENTICATED = jsonencode(var.user_attributes.authenticated)
    RESERVED_EVENTS               = jsonencode(local.reserved_events)
    RESERVED_ENDPOINT_IDS         = jsonencode(local.reserved_endpoint_ids)
    RESERVED_USER_ATTRIBUTES      = jsonencode(local.reserved_user_attributes)
    ENDPOINT_ID_PATTERN           = var.endpoint_id_pattern
    REQUIRE_TOKEN                 = tostring(try(var.token.required, false))
    TOKEN_KEYS_ARN                = try(var.token.keys_arn, "")
    TOKEN_AUDIENCE                = local.token_audience
    MAX_TOKEN_AGE_SECONDS         = tostring(try(var.token.max_age_seconds, 86400))
    GLOBAL_PRIVACY_CONTROL        = var.global_privacy_control
  }

  # Tokens for one environment are worth nothing in another, as long as the projects or the domains differ. A second
  # destination leaves the first one's tokens valid.
  token_audience     = try(coalesce(var.token.audience), var.destination.pinpoint.application_id, var.destination.connect.domain_name)
  token_keys_service = try(split(":", var.token.keys_arn)[2], "ssm")

  # Lambda measures the variables as one JSON text of at most 4,096 bytes. What is not known before apply has a known
  # length, so the plan already tells. base64 counts bytes where length() counts characters.
  known_application_id = var.destination.pinpoint == null ? "" : "0123456789abcdef0123456789abcdef"
  environment_measured = base64encode(jsonencode(merge(local.environment, {
    PINPOINT_APPLICATION_ID      = local.known_application_id
    TOKEN_AUDIENCE               = try(coalesce(var.token.audience), coalesce(local.known_application_id, try(var.destination.connect.domain_name, "")), "")
    INGEST_QUEUE_URL             = "${local.queue_url_prefix}/${local.queue_names.ingest}"
    REJECTS_QUEUE_URL            = "${local.queue_url_prefix}/${local.queue_names.rejects}"
    DLQ_URL                      = "${local.queue_url_prefix}/${local.queue_names.dlq}"
    POWERTOOLS_SERVICE_NAME      = local.service
    POWERTOOLS_METRICS_NAMESPACE = "CustomerEngagement"
    POWERTOOLS_LOG_LEVEL         = var.function.log_level
  })))
  queue_url_prefix  = "https://sqs.${local.region}.${local.dns_suffix}/${local.account_id}"
  environment_bytes = length(local.environment_measured) / 4 * 3 - length(regexall("=", local.environment_measured))
}

resource "aws_lambda_layer_version" "dependencies" {
  layer_name        = "${var.name}-pixel-dependencies"
  description       = "Third-party packages of the pixel's consumer, pure Python."
  filename          = var.lambda_package == null ? local.zips.layer : null
  s3_bucket         = try(var.lambda_package.s3_bucket, null)
  s3_key            = try(var.lambda_package.layer_key, null)
  s3_object_version = try(var.lambda_package.layer_version, null)
  source_code_hash  = var.lambda_package == null ? try(filebase64sha256(local.zips.layer), null) : null

  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = var.lambda_package != null || fileexists(local.zips.layer)
      error_message = "The layer's zip ${local.zips.layer} does not exist: run make package in the module's repository, or set lambda_package."
    }
  }
}

data "aws_iam_policy_document" "consumer" {
  dynamic "statement" {
    for_each = toset(var.destination.pinpoint == null ? [] : ["pinpoint"])

    content {
      sid       = "SendEvents"
      actions   = ["mobiletargeting:PutEvents"]
      resources = ["arn:${local.partition}:mobiletargeting:${local.region}:${local.account_id}:apps/${var.destination.pinpoint.application_id}/events"]
    }
  }

  dynamic "statement" {
    for_each = toset(var.destination.connect == null ? [] : ["connect"])

    content {
      sid     = "PutObjects"
      actions = ["profile:BatchPutProfileObject", "profile:PutProfileObject"]
      # Which of them these actions are checked against, AWS does not say.
      resources = concat(
        [var.destination.connect.domain_arn],
        [for name in values(var.destination.connect.object_types) : "${var.destination.connect.domain_arn}/object-types/${name}"],
      )
    }
  }

  statement {
    sid = "ReadEvents"
    actions = [
      "sqs:ChangeMessageVisibility",
      "sqs:DeleteMessage",
      "sqs:GetQueueAttributes",
      "sqs:ReceiveMessage",
    ]
    resources = [local.queue_arns.ingest]
  }

  statement {
    sid       = "KeepRejects"
    actions   = ["sqs:SendMessage"]
    resources = [local.queue_arns.rejects]
  }

  statement {
    sid       = "PutOpenEventsBack"
    actions   = ["sqs:SendMessage"]
    resources = [local.queue_arns.ingest]
  }

  statement {
    sid       = "GiveOpenEventsUp"
    actions   = ["sqs:SendMessage"]
    resources = [local.queue_arns.dlq]
  }

  dynamic "statement" {
    for_each = var.token == null ? [] : [var.token.keys_arn]

    content {
      sid       = "ReadTokenKeys"
      actions   = [local.token_keys_service == "ssm" ? "ssm:GetParameter" : "secretsmanager:GetSecretValue"]
      resources = [statement.value]
    }
  }

  dynamic "statement" {
    for_each = try(var.token.kms_key_arn, null) == null ? [] : [var.token.kms_key_arn]

    content {
      sid       = "DecryptTokenKeys"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["${local.token_keys_service}.${local.region}.${local.dns_suffix}"]
      }
    }
  }

  dynamic "statement" {
    for_each = toset(var.kms_key_arn == null ? [] : ["kms"])

    content {
      sid       = "ReadAndWriteEncryptedMessages"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [var.kms_key_arn]
    }
  }
}

module "consumer" {
  source = "../function"

  name                     = local.service
  description              = "Sends queued pixel calls to the engagement service."
  tags                     = var.tags
  kms_key_arn              = var.kms_key_arn
  permissions_boundary_arn = var.permissions_boundary_arn
  alarm_topic_arns         = var.alarm_topic_arns
  xray_tracing             = var.xray_tracing

  code = {
    filename          = var.lambda_package == null ? local.zips.function : null
    s3_bucket         = try(var.lambda_package.s3_bucket, null)
    s3_key            = try(var.lambda_package.function_key, null)
    s3_object_version = try(var.lambda_package.function_version, null)
  }
  layers      = [aws_lambda_layer_version.dependencies.arn]
  handler     = "engagement.handlers.pixel.handler"
  settings    = var.function
  environment = local.environment
  policy_json = data.aws_iam_policy_document.consumer.json
}

resource "aws_lambda_event_source_mapping" "ingest" {
  event_source_arn                   = aws_sqs_queue.ingest.arn
  function_name                      = module.consumer.arn
  batch_size                         = var.consumer.batch_size
  maximum_batching_window_in_seconds = var.consumer.batching_window_seconds
  function_response_types            = ["ReportBatchItemFailures"]

  scaling_config {
    maximum_concurrency = var.consumer.maximum_concurrency
  }

  tags = var.tags

  lifecycle {
    precondition {
      condition     = local.environment_bytes <= 4096
      error_message = "The lists are too long: the function's environment would have ${local.environment_bytes} bytes, and Lambda takes 4096. Shorten events, event_attributes, event_metrics, user_attributes, reserved_events, reserved_endpoint_ids, reserved_user_attributes or endpoint_id_pattern, for example with globs."
    }

    precondition {
      condition     = var.token == null ? true : split(":", var.token.keys_arn)[3] == local.region
      error_message = "token.keys_arn must be in the Region of the function, ${local.region}: the keys are read there. Make the parameter in this Region, or replicate the secret to it."
    }
  }
}
