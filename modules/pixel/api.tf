# ---------------------------------------------------------------------------------------------------------------------
# Role that lets the API write to the queue
# ---------------------------------------------------------------------------------------------------------------------

data "aws_iam_policy_document" "gateway_trust" {
  statement {
    sid     = "ApiGatewayAssumesTheRole"
    actions = ["sts:AssumeRole"]

    # Without aws:SourceAccount: AWS does not document that API Gateway sends it when it assumes an integration's role.
    principals {
      type        = "Service"
      identifiers = ["apigateway.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "gateway" {
  statement {
    sid       = "QueueEvents"
    actions   = ["sqs:SendMessage"]
    resources = [local.queue_arns.ingest]
  }

  dynamic "statement" {
    for_each = toset(var.kms_key_arn == null ? [] : ["kms"])

    content {
      sid       = "EncryptMessages"
      actions   = ["kms:GenerateDataKey", "kms:Decrypt"]
      resources = [var.kms_key_arn]
    }
  }
}

resource "aws_iam_role" "gateway" {
  name                 = "${var.name}-pixel-gateway-${local.region}"
  description          = "Lets the API ${var.name}-pixel write to its queue."
  assume_role_policy   = data.aws_iam_policy_document.gateway_trust.json
  permissions_boundary = var.permissions_boundary_arn

  tags = var.tags
}

resource "aws_iam_role_policy" "gateway" {
  name   = "gateway"
  role   = aws_iam_role.gateway.id
  policy = data.aws_iam_policy_document.gateway.json
}

# ---------------------------------------------------------------------------------------------------------------------
# API
# ---------------------------------------------------------------------------------------------------------------------

resource "aws_api_gateway_rest_api" "this" {
  # checkov:skip=CKV_AWS_237:A new API would have another URL; nothing replaces it while it serves.
  name        = "${var.name}-pixel"
  description = "Queues events for customer engagement."
  body        = local.api_body
  policy      = local.api_policy

  disable_execute_api_endpoint = local.domain_exclusive

  endpoint_configuration {
    types = ["REGIONAL"]
  }

  tags = var.tags
}

resource "aws_api_gateway_deployment" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  description = "Deployed by Terraform."

  # A deployment is a copy: without a new one the stage keeps serving the old contract, authorizer and policy.
  triggers = {
    body   = sha256(local.api_body)
    policy = sha256(coalesce(local.api_policy, "none"))
  }

  lifecycle {
    create_before_destroy = true
  }

  # The URL works as soon as it exists.
  depends_on = [aws_iam_role_policy.gateway, aws_iam_role_policy.authorizer, aws_sqs_queue.ingest]
}

resource "aws_api_gateway_stage" "this" {
  # checkov:skip=CKV_AWS_73:Tracing is the caller's choice.
  # checkov:skip=CKV_AWS_76:Access logs need an account-wide role, which is the caller's to choose.
  # checkov:skip=CKV_AWS_120:Each call is an event; a cached answer would lose it.
  # checkov:skip=CKV2_AWS_4:Logs need an account-wide role, which is the caller's to choose; with access logs errors are logged.
  # checkov:skip=CKV2_AWS_29:A web ACL is the caller's to give.
  # checkov:skip=CKV2_AWS_77:The rules of a web ACL are the caller's; no Log4j reads what the API takes.
  # checkov:skip=CKV2_AWS_51:The backend is an AWS service, which checks the role and no client certificate.
  rest_api_id          = aws_api_gateway_rest_api.this.id
  deployment_id        = aws_api_gateway_deployment.this.id
  stage_name           = var.stage_name
  xray_tracing_enabled = var.xray_tracing

  dynamic "access_log_settings" {
    for_each = aws_cloudwatch_log_group.access

    content {
      destination_arn = access_log_settings.value.arn
      format          = local.access_log_format
    }
  }

  tags = var.tags

  # A new name makes a new stage, to which the domain moves before the old one goes.
  lifecycle {
    create_before_destroy = true
  }

  # API Gateway refuses a stage with logs while the account has no role for them.
  depends_on = [aws_cloudformation_stack.account_role]
}

resource "aws_api_gateway_method_settings" "this" {
  # checkov:skip=CKV_AWS_225:Each call is an event; a cached answer would lose it.
  # checkov:skip=CKV_AWS_308:Nothing is cached, so nothing is to be encrypted.
  rest_api_id = aws_api_gateway_rest_api.this.id
  stage_name  = aws_api_gateway_stage.this.stage_name
  method_path = "*/*"

  settings {
    metrics_enabled = true
    # Data trace would log query strings, which hold personal data.
    data_trace_enabled     = false
    logging_level          = local.api_logging_level
    throttling_rate_limit  = var.throttle.rate_per_second
    throttling_burst_limit = var.throttle.burst
  }

  depends_on = [aws_cloudwatch_log_group.execution]
}

# Settings of one method replace those of the stage as a whole.
resource "aws_api_gateway_method_settings" "route" {
  # checkov:skip=CKV_AWS_225:Each call is an event; a cached answer would lose it.
  # checkov:skip=CKV_AWS_308:Nothing is cached, so nothing is to be encrypted.
  for_each = local.route_throttles

  rest_api_id = aws_api_gateway_rest_api.this.id
  stage_name  = aws_api_gateway_stage.this.stage_name
  method_path = each.key

  settings {
    metrics_enabled        = true
    data_trace_enabled     = false
    logging_level          = local.api_logging_level
    throttling_rate_limit  = coalesce(each.value.rate_per_second, var.throttle.rate_per_second)
    throttling_burst_limit = coalesce(each.value.burst, var.throttle.burst)
  }

  lifecycle {
    # Settings for all methods overwrite those of each one.
    replace_triggered_by = [aws_api_gateway_method_settings.this]
  }
}

locals {
  api_logging_level = var.access_logs.enabled ? "ERROR" : "OFF"

  # API Gateway writes a slash inside a path as ~1.
  route_throttles = {
    for path, limits in { "~1events/POST" = var.throttle.post, "~1trusted~1events/POST" = var.throttle.trusted } : path => limits if limits != null
  }

  host_url    = var.domain == null ? aws_api_gateway_stage.this.invoke_url : "https://${var.domain.name}"
  url         = "${local.host_url}/events"
  trusted_url = var.trusted == null ? null : "${local.host_url}/trusted/events"
}
