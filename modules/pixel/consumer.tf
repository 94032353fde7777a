locals {
  dist = "${path.module}/../../dist"
  zips = {
    function = "${local.dist}/engagement-function.zip"
    layer    = "${local.dist}/engagement-layer.zip"
  }

  environment = {
    PINPOINT_APPLICATION_ID   = var.destination.pinpoint.application_id
    PUT_EVENTS_RATE           = tostring(var.destination.pinpoint.put_events_rate)
    MAXIMUM_CONCURRENCY       = tostring(var.consumer.maximum_concurrency)
    RETURN_DELAY_SECONDS      = tostring(var.queue.return_delay_seconds)
    INGEST_QUEUE_URL          = aws_sqs_queue.ingest.url
    REJECTS_QUEUE_URL         = aws_sqs_queue.rejects.url
    EVENTS                    = jsonencode(var.events)
    EVENT_ATTRIBUTES          = jsonencode(var.event_attributes)
    EVENT_METRICS             = jsonencode(var.event_metrics)
    USER_ATTRIBUTES_ANONYMOUS = jsonencode(var.user_attributes.anonymous)
    RESERVED_EVENTS           = jsonencode(local.reserved_events)
    RESERVED_ENDPOINT_IDS     = jsonencode(local.reserved_endpoint_ids)
    RESERVED_USER_ATTRIBUTES  = jsonencode(local.reserved_user_attributes)
    ENDPOINT_ID_PATTERN       = var.endpoint_id_pattern
  }

  # Lambda measures the variables as one JSON text of at most 4,096 bytes. What is not known before apply has a known
  # length, so the plan already tells. base64 counts bytes where length() counts characters.
  environment_measured = base64encode(jsonencode(merge(local.environment, {
    PINPOINT_APPLICATION_ID      = "0123456789abcdef0123456789abcdef"
    INGEST_QUEUE_URL             = "https://sqs.${local.region}.${data.aws_partition.current.dns_suffix}/${local.account_id}/${local.queue_names.ingest}"
    REJECTS_QUEUE_URL            = "https://sqs.${local.region}.${data.aws_partition.current.dns_suffix}/${local.account_id}/${local.queue_names.rejects}"
    POWERTOOLS_SERVICE_NAME      = "${var.name}-pixel-consumer"
    POWERTOOLS_METRICS_NAMESPACE = "CustomerEngagement"
    POWERTOOLS_LOG_LEVEL         = var.function.log_level
  })))
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
  statement {
    sid       = "SendEvents"
    actions   = ["mobiletargeting:PutEvents"]
    resources = ["arn:${local.partition}:mobiletargeting:${local.region}:${local.account_id}:apps/${var.destination.pinpoint.application_id}/events"]
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

  name                     = "${var.name}-pixel-consumer"
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
  }
}
