# Two pixels in one account, as modules/pixel is used by a platform team: other names, other settings.
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100"
    }
  }
}

provider "aws" {
  region = "us-east-1"
}

variable "authorizer_zip" {
  type        = string
  description = "Zip of the function that knows the second pixel's callers."
}

resource "aws_pinpoint_app" "this" {
  name = "shared"
}

resource "aws_cognito_user_pool" "customers" {
  name = "customers"
}

resource "aws_cognito_user_pool_client" "app" {
  name                = "app"
  user_pool_id        = aws_cognito_user_pool.customers.id
  explicit_auth_flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
}

resource "aws_iam_role" "authorizer" {
  name = "authorizer"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_lambda_function" "authorizer" {
  # checkov:skip=CKV_AWS_50:A test reads no traces.
  # checkov:skip=CKV_AWS_115:It runs on the local cloud alone.
  # checkov:skip=CKV_AWS_116:API Gateway waits for its answer; there is no event to keep.
  # checkov:skip=CKV_AWS_117:It reaches nothing inside a VPC.
  # checkov:skip=CKV_AWS_272:Its code is a few lines of the test.
  function_name = "authorizer"
  role          = aws_iam_role.authorizer.arn
  runtime       = "python3.13"
  architectures = ["x86_64"]
  handler       = "authorizer.handler"
  filename      = var.authorizer_zip
  timeout       = 60
}

module "first" {
  source = "../../../../modules/pixel"

  name        = "first"
  destination = { pinpoint = { application_id = aws_pinpoint_app.this.application_id, put_events_rate = 7 } }
  stage_name  = "Api-PinpointEvents"
  image       = "gif"
  trusted     = { cognito = { user_pool_arns = [aws_cognito_user_pool.customers.arn] } }
  access_logs = { enabled = true, create_account_role = true }
  consumer    = { batching_window_seconds = 1 }
  function    = { architecture = "x86_64" }

  user_attributes = { authenticated = ["tier"] }
}

module "second" {
  source = "../../../../modules/pixel"

  name        = "second"
  destination = { pinpoint = { application_id = aws_pinpoint_app.this.application_id, put_events_rate = 7 } }
  trusted     = { lambda = { function_arn = aws_lambda_function.authorizer.arn } }
  consumer    = { batching_window_seconds = 1 }
  function    = { architecture = "x86_64" }

  user_attributes = { authenticated = ["tier"] }
}

output "pixels" {
  description = "Both pixels."
  value       = { first = module.first, second = module.second }
}

output "application_id" {
  description = "The project that both write to."
  value       = aws_pinpoint_app.this.application_id
}

output "users" {
  description = "The user pool and its client."
  value       = { pool_id = aws_cognito_user_pool.customers.id, client_id = aws_cognito_user_pool_client.app.id }
}
