data "aws_partition" "current" {}

data "aws_region" "current" {}

# ---------------------------------------------------------------------------------------------------------------------
# Role
# ---------------------------------------------------------------------------------------------------------------------

data "aws_iam_policy_document" "trust" {
  statement {
    sid     = "LambdaAssumesTheRole"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "this" {
  source_policy_documents = [var.policy_json]

  statement {
    sid       = "WriteOwnLogs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.this.arn}:*"]
  }

  dynamic "statement" {
    for_each = toset(var.xray_tracing ? ["xray"] : [])

    content {
      sid     = "WriteTraces"
      actions = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
      # X-Ray has no resource for these two actions.
      resources = ["*"]
    }
  }

  dynamic "statement" {
    for_each = toset(var.kms_key_arn == null ? [] : ["kms"])

    content {
      sid       = "DecryptOwnEnvironment"
      actions   = ["kms:Decrypt"]
      resources = [var.kms_key_arn]
    }
  }
}

resource "aws_iam_role" "this" {
  name                 = coalesce(var.role_name, "${var.name}-${data.aws_region.current.id}")
  description          = "Role of the function ${var.name}."
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.permissions_boundary_arn

  tags = var.tags
}

resource "aws_iam_role_policy" "this" {
  name   = "function"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.this.json
}

# ---------------------------------------------------------------------------------------------------------------------
# Function
# ---------------------------------------------------------------------------------------------------------------------

# Made before the function, so that Lambda never makes one without retention and key.
resource "aws_cloudwatch_log_group" "this" {
  # checkov:skip=CKV_AWS_338:How long logs are kept is the caller's choice, and privacy asks for less than a year.
  # checkov:skip=CKV_AWS_158:CloudWatch Logs encrypts with a key of AWS unless the caller gives one.
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.settings.log_retention_days
  kms_key_id        = var.kms_key_arn

  tags = var.tags
}

resource "aws_lambda_function" "this" {
  # checkov:skip=CKV_AWS_50:Tracing is the caller's choice.
  # checkov:skip=CKV_AWS_115:What calls the function bounds it, such as a queue's maximum concurrency, without taking from the account's reserve.
  # checkov:skip=CKV_AWS_116:The queue that feeds a function has the dead-letter queue; what is called otherwise is called again.
  # checkov:skip=CKV_AWS_117:It talks to AWS APIs only and reaches nothing inside a VPC.
  # checkov:skip=CKV_AWS_173:Holds no secret; Lambda encrypts with a key of AWS unless the caller gives one.
  # checkov:skip=CKV_AWS_272:The zip travels with the module's git tag, which is what a signature would vouch for.
  function_name     = var.name
  description       = var.description
  role              = aws_iam_role.this.arn
  runtime           = var.settings.runtime
  architectures     = [var.settings.architecture]
  handler           = var.handler
  layers            = var.layers
  filename          = var.code.filename
  s3_bucket         = var.code.s3_bucket
  s3_key            = var.code.s3_key
  s3_object_version = var.code.s3_object_version
  source_code_hash  = try(filebase64sha256(var.code.filename), null)
  timeout           = var.settings.timeout_seconds
  memory_size       = var.settings.memory_mb
  kms_key_arn       = var.kms_key_arn

  environment {
    variables = merge(var.environment, {
      POWERTOOLS_SERVICE_NAME      = var.name
      POWERTOOLS_METRICS_NAMESPACE = var.metrics_namespace
      POWERTOOLS_LOG_LEVEL         = var.settings.log_level
    })
  }

  logging_config {
    log_group  = aws_cloudwatch_log_group.this.name
    log_format = "JSON"
    # Metrics are log lines of level INFO: a higher level here would drop them. POWERTOOLS_LOG_LEVEL quiets the rest.
    application_log_level = var.settings.log_level == "DEBUG" ? "DEBUG" : "INFO"
    system_log_level      = "INFO"
  }

  tracing_config {
    mode = var.xray_tracing ? "Active" : "PassThrough"
  }

  tags = var.tags

  lifecycle {
    precondition {
      condition     = try(fileexists(var.code.filename), true)
      error_message = "The function's zip ${coalesce(var.code.filename, "-")} does not exist: run make package in the module's repository, or set lambda_package."
    }
  }

  # An event source mapping is refused while the role may not read the queue yet.
  depends_on = [aws_iam_role_policy.this]
}

# ---------------------------------------------------------------------------------------------------------------------
# Alarms
# ---------------------------------------------------------------------------------------------------------------------

locals {
  alarms = {
    Errors = {
      suffix      = "errors"
      description = "Invocations of ${var.name} fail: a crash, a timeout or missing rights. ${var.alarm_consequences.errors} Read the errors in log group ${aws_cloudwatch_log_group.this.name}."
    }
    Throttles = {
      suffix      = "throttles"
      description = "Lambda refuses invocations of ${var.name}: the account's concurrency in this Region is used up. ${var.alarm_consequences.throttles} Raise the account's concurrency quota or free some of it."
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.value.suffix}"
  alarm_description   = each.value.description
  namespace           = "AWS/Lambda"
  metric_name         = each.key
  dimensions          = { FunctionName = aws_lambda_function.this.function_name }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns

  tags = var.tags
}
