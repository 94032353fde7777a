# The route for callers whom an authorizer knows. Without an authorizer its path does not exist.

locals {
  # Without try(), which makes an unknown value of all that holds one.
  authorizers = {
    for kind, settings in {
      iam     = var.trusted == null ? null : var.trusted.iam
      cognito = var.trusted == null ? null : var.trusted.cognito
      lambda  = var.trusted == null ? null : var.trusted.lambda
    } : kind => settings if settings != null
  }
  authorizer_kind = one(keys(local.authorizers))

  # Who calls, as a part of $context.
  identity = local.authorizer_kind == null ? null : {
    iam     = "identity.userArn"
    cognito = "authorizer.claims.${try(local.authorizers.cognito.endpoint_claim, "")}"
    lambda  = "authorizer.endpoint_id"
  }[local.authorizer_kind]

  identity_header = try(local.authorizers.lambda.identity_header, "Authorization")

  # What a page may send along.
  trusted_headers = local.authorizer_kind == "iam" ? "authorization,content-type,x-amz-date,x-amz-security-token" : "content-type,${lower(local.identity_header)}"

  authorizer = local.authorizer_kind == null ? null : {
    iam = {
      "x-amazon-apigateway-authtype" = "awsSigv4"
    }
    cognito = {
      "x-amazon-apigateway-authtype" = "cognito_user_pools"
      "x-amazon-apigateway-authorizer" = {
        type         = "cognito_user_pools"
        providerARNs = try(local.authorizers.cognito.user_pool_arns, [])
      }
    }
    lambda = {
      "x-amazon-apigateway-authtype" = "custom"
      "x-amazon-apigateway-authorizer" = {
        type                         = "request"
        identitySource               = "method.request.header.${local.identity_header}"
        authorizerUri                = "arn:${local.partition}:apigateway:${local.region}:lambda:path/2015-03-31/functions/${try(local.authorizers.lambda.function_arn, "")}/invocations"
        authorizerCredentials        = one([for role in aws_iam_role.authorizer : role.arn])
        authorizerResultTtlInSeconds = try(local.authorizers.lambda.ttl_seconds, 0)
      }
    }
  }[local.authorizer_kind]

  security_scheme = local.authorizer == null ? null : merge({ type = "apiKey", in = "header", name = local.identity_header }, local.authorizer)
}

# ---------------------------------------------------------------------------------------------------------------------
# Role that lets the API call the authorizer
# ---------------------------------------------------------------------------------------------------------------------

data "aws_iam_policy_document" "authorizer" {
  for_each = { for kind, settings in local.authorizers : kind => settings if kind == "lambda" }

  statement {
    sid       = "CallTheAuthorizer"
    actions   = ["lambda:InvokeFunction"]
    resources = [each.value.function_arn]
  }
}

resource "aws_iam_role" "authorizer" {
  for_each = data.aws_iam_policy_document.authorizer

  name                 = "${var.name}-pixel-authorizer-${local.region}"
  description          = "Lets the API ${var.name}-pixel call its authorizer."
  assume_role_policy   = data.aws_iam_policy_document.gateway_trust.json
  permissions_boundary = var.permissions_boundary_arn

  tags = var.tags
}

resource "aws_iam_role_policy" "authorizer" {
  for_each = data.aws_iam_policy_document.authorizer

  name   = "authorizer"
  role   = aws_iam_role.authorizer[each.key].id
  policy = each.value.json
}

# ---------------------------------------------------------------------------------------------------------------------
# Resource policy
# ---------------------------------------------------------------------------------------------------------------------

# Callers of other accounts need one, and with one the methods without authorizer are closed unless it opens them. It is
# there for every authorizer, because the provider keeps a policy that the configuration no longer has. The API is not
# named: the policy belongs to it alone, and AWS would write the short form `execute-api:/` as another text, a change in
# every plan.
data "aws_iam_policy_document" "api" {
  # checkov:skip=CKV_AWS_283:The pixel is public; the trusted route has an authorizer.
  for_each = local.authorizers

  statement {
    sid       = "AnyoneCallsThePublicRoutes"
    actions   = ["execute-api:Invoke"]
    resources = [for route in ["GET/events", "POST/events", "OPTIONS/events", "OPTIONS/trusted/events"] : "${local.any_stage}/${route}"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }

  # Callers of this account need no statement: their own policies decide.
  dynamic "statement" {
    for_each = length(try(each.value.principals, [])) > 0 ? [each.value.principals] : []

    content {
      sid       = "OtherAccountsCallTheTrustedRoute"
      actions   = ["execute-api:Invoke"]
      resources = ["${local.any_stage}/POST/trusted/events"]

      principals {
        type        = "AWS"
        identifiers = statement.value
      }
    }
  }

  # After Cognito has let a caller through, a policy must do so as well. After a function it must not: it would open what
  # the function's own policy leaves out.
  dynamic "statement" {
    for_each = each.key == "cognito" ? ["cognito"] : []

    content {
      sid       = "UsersCallTheTrustedRoute"
      actions   = ["execute-api:Invoke"]
      resources = ["${local.any_stage}/POST/trusted/events"]

      principals {
        type        = "*"
        identifiers = ["*"]
      }
    }
  }
}

locals {
  any_stage  = "arn:${local.partition}:execute-api:${local.region}:${local.account_id}:*/*"
  api_policy = one([for document in data.aws_iam_policy_document.api : document.json])
}
