# modules/pixel: POST /trusted/events behind one authorizer.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name        = "demo"
  destination = { pinpoint = { application_id = "00112233445566778899aabbccddeeff" } }
}

run "no_authorizer" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    cors = { origins = ["https://www.example.com"] }
  }

  assert {
    condition     = keys(jsondecode(aws_api_gateway_rest_api.this.body).paths) == ["/events"] && !can(jsondecode(aws_api_gateway_rest_api.this.body).components.securitySchemes) && !strcontains(aws_api_gateway_rest_api.this.body, "trusted")
    error_message = "Without an authorizer the path must not exist."
  }

  assert {
    condition     = length(aws_iam_role.authorizer) == 0 && length(data.aws_iam_policy_document.api) == 0 && output.trusted_url == null && output.trusted_arn == null
    error_message = "Without an authorizer nothing of its may be made."
  }
}

run "iam" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    trusted = { iam = {} }
  }

  assert {
    condition     = jsondecode(aws_api_gateway_rest_api.this.body).components.securitySchemes.trusted == { type = "apiKey", in = "header", name = "Authorization", "x-amazon-apigateway-authtype" = "awsSigv4" } && jsondecode(aws_api_gateway_rest_api.this.body).paths["/trusted/events"].post.security == [{ trusted = [] }]
    error_message = "The method must be behind AWS_IAM."
  }

  assert {
    condition     = length([for path, methods in jsondecode(aws_api_gateway_rest_api.this.body).paths : path if length([for method in methods : method if can(method.security)]) > 0]) == 1 && !can(jsondecode(aws_api_gateway_rest_api.this.body).security)
    error_message = "Only the trusted route may have an authorizer."
  }

  assert {
    condition = jsondecode(aws_api_gateway_rest_api.this.body).paths["/trusted/events"].post["x-amazon-apigateway-integration"].requestTemplates == {
      "application/json"                  = "Action=SendMessage&MessageBody=%7B%22version%22%3A1%2C%22route%22%3A%22trusted%22%2C%22request_id%22%3A%22$util.urlEncode($util.urlEncode($context.extendedRequestId))%22%2C%22request_time%22%3A%22$context.requestTimeEpoch%22%2C%22global_privacy_control%22%3A%22#foreach($name in $input.params().header.keySet())#if($name.toLowerCase() == \"sec-gpc\")$util.urlEncode($util.urlEncode($input.params().header.get($name)))#end#end%22%2C%22authorizer%22%3A%22iam%22%2C%22identity%22%3A%22$util.urlEncode($util.urlEncode(\"$!context.identity.userArn\"))%22%2C%22content_type%22%3A%22json%22%2C%22body%22%3A%22$util.urlEncode($util.urlEncode($input.body))%22%7D"
      "text/plain"                        = "Action=SendMessage&MessageBody=%7B%22version%22%3A1%2C%22route%22%3A%22trusted%22%2C%22request_id%22%3A%22$util.urlEncode($util.urlEncode($context.extendedRequestId))%22%2C%22request_time%22%3A%22$context.requestTimeEpoch%22%2C%22global_privacy_control%22%3A%22#foreach($name in $input.params().header.keySet())#if($name.toLowerCase() == \"sec-gpc\")$util.urlEncode($util.urlEncode($input.params().header.get($name)))#end#end%22%2C%22authorizer%22%3A%22iam%22%2C%22identity%22%3A%22$util.urlEncode($util.urlEncode(\"$!context.identity.userArn\"))%22%2C%22content_type%22%3A%22text%22%2C%22body%22%3A%22$util.urlEncode($util.urlEncode($input.body))%22%7D"
      "application/x-www-form-urlencoded" = "Action=SendMessage&MessageBody=%7B%22version%22%3A1%2C%22route%22%3A%22trusted%22%2C%22request_id%22%3A%22$util.urlEncode($util.urlEncode($context.extendedRequestId))%22%2C%22request_time%22%3A%22$context.requestTimeEpoch%22%2C%22global_privacy_control%22%3A%22#foreach($name in $input.params().header.keySet())#if($name.toLowerCase() == \"sec-gpc\")$util.urlEncode($util.urlEncode($input.params().header.get($name)))#end#end%22%2C%22authorizer%22%3A%22iam%22%2C%22identity%22%3A%22$util.urlEncode($util.urlEncode(\"$!context.identity.userArn\"))%22%2C%22content_type%22%3A%22form%22%2C%22body%22%3A%22$util.urlEncode($util.urlEncode($input.body))%22%7D"
    }
    error_message = "Trust, authorizer and identity must be in the trusted route's own templates."
  }

  assert {
    condition     = alltrue([for method in ["get", "post"] : !strcontains(jsonencode(jsondecode(aws_api_gateway_rest_api.this.body).paths["/events"][method]["x-amazon-apigateway-integration"].requestTemplates), "trusted") && !strcontains(jsonencode(jsondecode(aws_api_gateway_rest_api.this.body).paths["/events"][method]["x-amazon-apigateway-integration"].requestTemplates), "identity")])
    error_message = "No template of a public route may speak of trust."
  }

  assert {
    condition     = alltrue([for key in ["requestBody", "responses", "x-amazon-apigateway-request-validator"] : jsondecode(aws_api_gateway_rest_api.this.body).paths["/trusted/events"].post[key] == jsondecode(aws_api_gateway_rest_api.this.body).paths["/events"].post[key]]) && alltrue([for key in ["responses", "uri", "credentials", "passthroughBehavior", "requestParameters"] : jsondecode(aws_api_gateway_rest_api.this.body).paths["/trusted/events"].post["x-amazon-apigateway-integration"][key] == jsondecode(aws_api_gateway_rest_api.this.body).paths["/events"].post["x-amazon-apigateway-integration"][key]])
    error_message = "Besides trust the route must be as POST /events."
  }

  assert {
    condition     = keys(jsondecode(aws_api_gateway_rest_api.this.body).paths["/trusted/events"]) == ["post"]
    error_message = "Nothing but POST may exist without origins."
  }

  assert {
    condition     = { for statement in data.aws_iam_policy_document.api["iam"].statement : statement.sid => "${coalesce(statement.effect, "Allow")} ${join(",", statement.actions)} ${join(",", one(statement.principals).identifiers)} ${join(",", sort(statement.resources))}" } == { AnyoneCallsThePublicRoutes = "Allow execute-api:Invoke * arn:aws:execute-api:eu-west-1:123456789012:*/*/GET/events,arn:aws:execute-api:eu-west-1:123456789012:*/*/OPTIONS/events,arn:aws:execute-api:eu-west-1:123456789012:*/*/OPTIONS/trusted/events,arn:aws:execute-api:eu-west-1:123456789012:*/*/POST/events" }
    error_message = "Callers of this account need no statement, but with a policy the public routes need one."
  }

  assert {
    condition     = output.trusted_url == "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/mock/trusted/events" && output.trusted_arn == "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/v1/POST/trusted/events"
    error_message = "The outputs must tell callers where the route is and what right they need."
  }

  assert {
    condition     = length(aws_iam_role.authorizer) == 0
    error_message = "IAM needs no role to call an authorizer."
  }
}

run "iam_of_other_accounts" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    trusted = { iam = { principals = ["210987654321", "arn:aws:iam::109876543210:role/crm"] } }
  }

  assert {
    condition = { for statement in data.aws_iam_policy_document.api["iam"].statement : statement.sid => "${coalesce(statement.effect, "Allow")} ${join(",", statement.actions)} ${join(",", one(statement.principals).identifiers)} ${join(",", sort(statement.resources))}" } == {
      AnyoneCallsThePublicRoutes       = "Allow execute-api:Invoke * arn:aws:execute-api:eu-west-1:123456789012:*/*/GET/events,arn:aws:execute-api:eu-west-1:123456789012:*/*/OPTIONS/events,arn:aws:execute-api:eu-west-1:123456789012:*/*/OPTIONS/trusted/events,arn:aws:execute-api:eu-west-1:123456789012:*/*/POST/events"
      OtherAccountsCallTheTrustedRoute = "Allow execute-api:Invoke 210987654321,arn:aws:iam::109876543210:role/crm arn:aws:execute-api:eu-west-1:123456789012:*/*/POST/trusted/events"
    }
    error_message = "Other accounts must be let in to the trusted route by name, and everyone to the public ones."
  }

  assert {
    condition     = aws_api_gateway_rest_api.this.policy == data.aws_iam_policy_document.api["iam"].json && aws_api_gateway_deployment.this.triggers.policy == sha256(data.aws_iam_policy_document.api["iam"].json)
    error_message = "The API must have the policy, and a changed one must make a new deployment, or it has no effect."
  }

  assert {
    condition     = !strcontains(aws_api_gateway_rest_api.this.body, "x-amazon-apigateway-policy")
    error_message = "A policy in the contract would be undone by the provider at the next change."
  }
}

run "cognito" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    trusted = { cognito = { user_pool_arns = ["arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_A1b2C3"] } }
    cors    = { origins = ["https://www.example.com"] }
  }

  assert {
    condition = jsondecode(aws_api_gateway_rest_api.this.body).components.securitySchemes.trusted == {
      type                           = "apiKey"
      in                             = "header"
      name                           = "Authorization"
      x-amazon-apigateway-authtype   = "cognito_user_pools"
      x-amazon-apigateway-authorizer = { type = "cognito_user_pools", providerARNs = ["arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_A1b2C3"] }
    }
    error_message = "The method must be behind the caller's user pools."
  }

  assert {
    condition     = jsondecode(aws_api_gateway_rest_api.this.body).paths["/trusted/events"].post["x-amazon-apigateway-integration"].requestTemplates["application/json"] == "Action=SendMessage&MessageBody=%7B%22version%22%3A1%2C%22route%22%3A%22trusted%22%2C%22request_id%22%3A%22$util.urlEncode($util.urlEncode($context.extendedRequestId))%22%2C%22request_time%22%3A%22$context.requestTimeEpoch%22%2C%22global_privacy_control%22%3A%22#foreach($name in $input.params().header.keySet())#if($name.toLowerCase() == \"sec-gpc\")$util.urlEncode($util.urlEncode($input.params().header.get($name)))#end#end%22%2C%22authorizer%22%3A%22cognito%22%2C%22identity%22%3A%22$util.urlEncode($util.urlEncode(\"$!context.authorizer.claims.sub\"))%22%2C%22content_type%22%3A%22json%22%2C%22body%22%3A%22$util.urlEncode($util.urlEncode($input.body))%22%7D"
    error_message = "The identity must be the claim."
  }

  assert {
    condition = { for statement in data.aws_iam_policy_document.api["cognito"].statement : statement.sid => "${coalesce(statement.effect, "Allow")} ${join(",", statement.actions)} ${join(",", one(statement.principals).identifiers)} ${join(",", sort(statement.resources))}" } == {
      AnyoneCallsThePublicRoutes = "Allow execute-api:Invoke * arn:aws:execute-api:eu-west-1:123456789012:*/*/GET/events,arn:aws:execute-api:eu-west-1:123456789012:*/*/OPTIONS/events,arn:aws:execute-api:eu-west-1:123456789012:*/*/OPTIONS/trusted/events,arn:aws:execute-api:eu-west-1:123456789012:*/*/POST/events"
      UsersCallTheTrustedRoute   = "Allow execute-api:Invoke * arn:aws:execute-api:eu-west-1:123456789012:*/*/POST/trusted/events"
    }
    error_message = "With a policy a user whom Cognito let through needs a statement too."
  }

  assert {
    condition     = keys(jsondecode(aws_api_gateway_rest_api.this.body).paths["/trusted/events"]) == ["options", "post"] && jsondecode(aws_api_gateway_rest_api.this.body).paths["/trusted/events"].options["x-amazon-apigateway-integration"].responses.default.responseParameters["method.response.header.Access-Control-Allow-Headers"] == "'content-type,authorization'"
    error_message = "A page must be told that it may send its token."
  }

  assert {
    condition     = !can(jsondecode(aws_api_gateway_rest_api.this.body).paths["/trusted/events"].options.security)
    error_message = "A browser's question carries no credentials."
  }

  assert {
    condition     = jsondecode(aws_api_gateway_rest_api.this.body).paths["/trusted/events"].options["x-amazon-apigateway-integration"].responses.default.responseTemplates == jsondecode(aws_api_gateway_rest_api.this.body).paths["/events"].options["x-amazon-apigateway-integration"].responses.default.responseTemplates
    error_message = "The trusted route must have the same origins."
  }
}

run "cognito_claim" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    trusted = { cognito = { user_pool_arns = ["arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_A1b2C3"], endpoint_claim = "customer_id" } }
  }

  assert {
    condition     = strcontains(jsondecode(aws_api_gateway_rest_api.this.body).paths["/trusted/events"].post["x-amazon-apigateway-integration"].requestTemplates["text/plain"], "$util.urlEncode($util.urlEncode(\"$!context.authorizer.claims.customer_id\"))")
    error_message = "The claim must be the caller's."
  }
}

run "lambda" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    trusted = { lambda = { function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:authorizer:live", identity_header = "X-Secret", ttl_seconds = 0 } }
    cors    = { origins = ["https://www.example.com"] }
  }

  assert {
    condition = jsondecode(aws_api_gateway_rest_api.this.body).components.securitySchemes.trusted == {
      type                         = "apiKey"
      in                           = "header"
      name                         = "X-Secret"
      x-amazon-apigateway-authtype = "custom"
      x-amazon-apigateway-authorizer = {
        type                         = "request"
        identitySource               = "method.request.header.X-Secret"
        authorizerUri                = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:authorizer:live/invocations"
        authorizerCredentials        = aws_iam_role.authorizer["lambda"].arn
        authorizerResultTtlInSeconds = 0
      }
    }
    error_message = "The method must be behind the caller's function, which is called with its own role."
  }

  assert {
    condition     = jsondecode(aws_api_gateway_rest_api.this.body).paths["/trusted/events"].post["x-amazon-apigateway-integration"].requestTemplates["application/json"] == "Action=SendMessage&MessageBody=%7B%22version%22%3A1%2C%22route%22%3A%22trusted%22%2C%22request_id%22%3A%22$util.urlEncode($util.urlEncode($context.extendedRequestId))%22%2C%22request_time%22%3A%22$context.requestTimeEpoch%22%2C%22global_privacy_control%22%3A%22#foreach($name in $input.params().header.keySet())#if($name.toLowerCase() == \"sec-gpc\")$util.urlEncode($util.urlEncode($input.params().header.get($name)))#end#end%22%2C%22authorizer%22%3A%22lambda%22%2C%22identity%22%3A%22$util.urlEncode($util.urlEncode(\"$!context.authorizer.endpoint_id\"))%22%2C%22content_type%22%3A%22json%22%2C%22body%22%3A%22$util.urlEncode($util.urlEncode($input.body))%22%7D"
    error_message = "The identity must be what the function returned."
  }

  assert {
    condition     = { for statement in data.aws_iam_policy_document.api["lambda"].statement : statement.sid => "${coalesce(statement.effect, "Allow")} ${join(",", statement.actions)} ${join(",", one(statement.principals).identifiers)} ${join(",", sort(statement.resources))}" } == { AnyoneCallsThePublicRoutes = "Allow execute-api:Invoke * arn:aws:execute-api:eu-west-1:123456789012:*/*/GET/events,arn:aws:execute-api:eu-west-1:123456789012:*/*/OPTIONS/events,arn:aws:execute-api:eu-west-1:123456789012:*/*/OPTIONS/trusted/events,arn:aws:execute-api:eu-west-1:123456789012:*/*/POST/events" }
    error_message = "A statement for the trusted route would open what the function's own policy leaves out."
  }

  assert {
    condition     = { for statement in data.aws_iam_policy_document.authorizer["lambda"].statement : statement.sid => join(" ", concat(tolist(statement.actions), tolist(statement.resources))) } == { CallTheAuthorizer = "lambda:InvokeFunction arn:aws:lambda:eu-west-1:123456789012:function:authorizer:live" }
    error_message = "The role may call that function and nothing else."
  }

  assert {
    condition     = aws_iam_role.authorizer["lambda"].name == "demo-pixel-authorizer-eu-west-1" && aws_iam_role.authorizer["lambda"].assume_role_policy == data.aws_iam_policy_document.gateway_trust.json
    error_message = "Role names are global, so they carry the Region; only API Gateway may assume the role."
  }

  assert {
    condition     = jsondecode(aws_api_gateway_rest_api.this.body).paths["/trusted/events"].options["x-amazon-apigateway-integration"].responses.default.responseParameters["method.response.header.Access-Control-Allow-Headers"] == "'content-type,x-secret'"
    error_message = "A page must be told that it may send its secret."
  }
}

run "longest_names" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    name    = "a1234567890123456789012345678901"
    trusted = { lambda = { function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:authorizer" } }
  }

  # The longest Regions have 14 characters.
  assert {
    condition     = alltrue([for name in [aws_iam_role.authorizer["lambda"].name, aws_iam_role.gateway.name] : length(trimsuffix(name, "eu-west-1")) + 14 <= 64])
    error_message = "Role names end at 64 characters."
  }
}
