locals {
  # No query string, address or user agent: those are personal data. A client can choose requestId, not extendedRequestId.
  access_log_format = jsonencode({
    requestId         = "$context.requestId"
    extendedRequestId = "$context.extendedRequestId"
    time              = "$context.requestTime"
    method            = "$context.httpMethod"
    resourcePath      = "$context.resourcePath"
    status            = "$context.status"
    errorType         = "$context.error.responseType"
    responseLatency   = "$context.responseLatency"
    integrationStatus = "$context.integration.status"
  })

  access_logs = toset(var.access_logs.enabled ? ["this"] : [])
}

resource "aws_cloudwatch_log_group" "access" {
  # checkov:skip=CKV_AWS_338:How long logs are kept is the caller's choice, and privacy asks for less than a year.
  # checkov:skip=CKV_AWS_158:CloudWatch Logs encrypts with a key of AWS unless the caller gives one.
  for_each = local.access_logs

  name              = "/aws/apigateway/${var.name}-pixel"
  retention_in_days = var.access_logs.retention_days
  kms_key_id        = var.kms_key_arn

  tags = var.tags
}

# API Gateway makes this group itself at the first error, for ever and without key, unless it is there.
resource "aws_cloudwatch_log_group" "execution" {
  # checkov:skip=CKV_AWS_338:How long logs are kept is the caller's choice, and privacy asks for less than a year.
  # checkov:skip=CKV_AWS_158:CloudWatch Logs encrypts with a key of AWS unless the caller gives one.
  for_each = local.access_logs

  name              = "API-Gateway-Execution-Logs_${aws_api_gateway_rest_api.this.id}/${var.stage_name}"
  retention_in_days = var.access_logs.retention_days
  kms_key_id        = var.kms_key_arn

  tags = var.tags
}

# ---------------------------------------------------------------------------------------------------------------------
# Role with which API Gateway logs, one per account and Region
# ---------------------------------------------------------------------------------------------------------------------

data "aws_iam_policy_document" "account_role_trust" {
  statement {
    sid     = "ApiGatewayAssumesTheRole"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["apigateway.amazonaws.com"]
    }
  }
}

# A stack, because only CloudFormation can leave role and setting behind when the module is destroyed: from version 6 on,
# aws_api_gateway_account ends the logging of every API in the account and Region.
resource "aws_cloudformation_stack" "account_role" {
  # checkov:skip=CKV_AWS_124:The stack is made and watched by Terraform, which reports how it ends.
  for_each = toset(var.access_logs.create_account_role ? ["this"] : [])

  name         = "${var.name}-pixel-logging-role"
  capabilities = ["CAPABILITY_IAM"]

  template_body = jsonencode({
    AWSTemplateFormatVersion = "2010-09-09"
    Description              = "Role with which API Gateway logs, for the whole account and Region. Kept when the stack is deleted."
    Resources = {
      Role = {
        Type           = "AWS::IAM::Role"
        DeletionPolicy = "Retain"
        Properties = merge(
          {
            AssumeRolePolicyDocument = jsondecode(data.aws_iam_policy_document.account_role_trust.json)
            ManagedPolicyArns        = ["arn:${local.partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"]
          },
          var.permissions_boundary_arn == null ? {} : { PermissionsBoundary = var.permissions_boundary_arn },
        )
      }
      Account = {
        Type           = "AWS::ApiGateway::Account"
        DeletionPolicy = "Retain"
        Properties     = { CloudWatchRoleArn = { "Fn::GetAtt" = ["Role", "Arn"] } }
      }
    }
  })

  tags = var.tags

  # An account without any API cannot hold the setting.
  depends_on = [aws_api_gateway_rest_api.this]
}
