# modules/pixel: GET, answers, stage, logs and queues.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name        = "demo"
  destination = { pinpoint = { application_id = "00112233445566778899aabbccddeeff" } }
}

run "contract" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  assert {
    condition     = jsondecode(aws_api_gateway_rest_api.this.body).paths["/events"].get["x-amazon-apigateway-integration"].requestTemplates["application/json"] == "Action=SendMessage&MessageBody=%7B%22version%22%3A1%2C%22route%22%3A%22public%22%2C%22request_id%22%3A%22$util.urlEncode($util.urlEncode($context.extendedRequestId))%22%2C%22request_time%22%3A%22$context.requestTimeEpoch%22%2C%22global_privacy_control%22%3A%22#foreach($name in $input.params().header.keySet())#if($name.toLowerCase() == \"sec-gpc\")$util.urlEncode($util.urlEncode($input.params().header.get($name)))#end#end%22%2C%22query%22%3A%22#foreach($name in $input.params().querystring.keySet())$util.urlEncode($util.urlEncode($name))%3D$util.urlEncode($util.urlEncode($input.params().querystring.get($name)))%26#end%22%7D"
    error_message = "The request template must be the one line of the contract, with nothing of the headers but the privacy signal."
  }

  assert {
    condition     = keys(jsondecode(aws_api_gateway_rest_api.this.body).paths["/events"].get["x-amazon-apigateway-integration"].requestTemplates) == ["application/json"]
    error_message = "One template, so that every other content type is refused."
  }

  assert {
    condition = alltrue([
      for key, value in {
        credentials         = "arn:aws:iam::123456789012:role/mock"
        httpMethod          = "POST"
        passthroughBehavior = "never"
        type                = "aws"
        uri                 = "arn:aws:apigateway:eu-west-1:sqs:path/123456789012/demo-pixel-events"
      } : jsondecode(aws_api_gateway_rest_api.this.body).paths["/events"].get["x-amazon-apigateway-integration"][key] == value
    ])
    error_message = "The integration must post to the ingest queue with the gateway's role and never pass a body through."
  }

  assert {
    condition     = jsondecode(aws_api_gateway_rest_api.this.body).paths["/events"].get["x-amazon-apigateway-integration"].requestParameters == { "integration.request.header.Content-Type" = "'application/x-www-form-urlencoded'" }
    error_message = "SQS reads the body as a form only when the content type says so."
  }

  assert {
    condition     = [for parameter in jsondecode(aws_api_gateway_rest_api.this.body).paths["/events"].get.parameters : parameter.name if parameter.required && parameter.in == "query"] == ["event", "endpoint_id"]
    error_message = "event and endpoint_id must be required query parameters."
  }

  assert {
    condition     = jsondecode(aws_api_gateway_rest_api.this.body)["x-amazon-apigateway-request-validators"][jsondecode(aws_api_gateway_rest_api.this.body).paths["/events"].get["x-amazon-apigateway-request-validator"]].validateRequestParameters
    error_message = "The method's validator must check the parameters."
  }

  assert {
    condition     = { for path, methods in jsondecode(aws_api_gateway_rest_api.this.body).paths : path => keys(methods) } == { "/events" = ["get", "post"] }
    error_message = "Nothing but GET and POST /events may exist unless it is asked for."
  }

  assert {
    condition     = !strcontains(aws_api_gateway_rest_api.this.body, "contentHandling") && !strcontains(aws_api_gateway_rest_api.this.body, "binary-media-types") && !can(aws_api_gateway_rest_api.this.binary_media_types[0])
    error_message = "No binary media type and no contentHandling: AWS would turn bodies into base64 and answers into 500."
  }

  assert {
    condition     = aws_api_gateway_deployment.this.triggers.body == sha256(aws_api_gateway_rest_api.this.body)
    error_message = "A changed contract must make a new deployment."
  }

  assert {
    condition     = tolist(aws_api_gateway_rest_api.this.endpoint_configuration[0].types) == tolist(["REGIONAL"])
    error_message = "The API must be regional."
  }
}

run "answers" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  assert {
    condition     = { for status, response in jsondecode(aws_api_gateway_rest_api.this.body).paths["/events"].get["x-amazon-apigateway-integration"].responses : status => response.statusCode } == { "2\\d{2}" = "200", default = "503" }
    error_message = "Only a 2xx of SQS may answer 200."
  }

  assert {
    condition = jsondecode(aws_api_gateway_rest_api.this.body).paths["/events"].get["x-amazon-apigateway-integration"].responses["2\\d{2}"].responseParameters == {
      "method.response.header.Cache-Control"                = "'no-store'"
      "method.response.header.Content-Type"                 = "'image/svg+xml'"
      "method.response.header.Cross-Origin-Resource-Policy" = "'cross-origin'"
      "method.response.header.X-Content-Type-Options"       = "'nosniff'"
    }
    error_message = "The image's headers must be the designed ones."
  }

  assert {
    condition     = jsondecode(aws_api_gateway_rest_api.this.body).paths["/events"].get["x-amazon-apigateway-integration"].responses["2\\d{2}"].responseTemplates == { "application/json" = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1\" height=\"1\"/>" }
    error_message = "The default image must be a 1x1 SVG under the one template key."
  }

  assert {
    condition     = can(jsondecode(jsondecode(aws_api_gateway_rest_api.this.body).paths["/events"].get["x-amazon-apigateway-integration"].responses.default.responseTemplates["application/json"]).message)
    error_message = "A refused event must answer a JSON document with a message."
  }

  assert {
    condition = alltrue([
      for status, response in jsondecode(aws_api_gateway_rest_api.this.body).paths["/events"].get["x-amazon-apigateway-integration"].responses :
      alltrue([for header in keys(response.responseParameters) : contains(keys(jsondecode(aws_api_gateway_rest_api.this.body).paths["/events"].get.responses[response.statusCode].headers), trimprefix(header, "method.response.header."))])
    ])
    error_message = "AWS refuses an integration response with a header that the method response does not declare."
  }

  assert {
    condition     = keys(jsondecode(aws_api_gateway_rest_api.this.body)["x-amazon-apigateway-gateway-responses"]) == ["BAD_REQUEST_BODY", "BAD_REQUEST_PARAMETERS", "DEFAULT_4XX", "DEFAULT_5XX", "THROTTLED"]
    error_message = "Every answer of the gateway itself must be covered."
  }

  assert {
    condition = alltrue([
      for type, response in jsondecode(aws_api_gateway_rest_api.this.body)["x-amazon-apigateway-gateway-responses"] :
      (type == "BAD_REQUEST_BODY" || response.responseTemplates["application/json"] == "{\"message\":$context.error.messageString}") && response.responseParameters["gatewayresponse.header.Access-Control-Allow-Origin"] == "'*'" && response.responseParameters["gatewayresponse.header.Cache-Control"] == "'no-store'"
    ])
    error_message = "Each gateway answer must be JSON with AWS's message, which names the missing parameter, readable by any page and never cached."
  }

  assert {
    condition     = { for type, response in jsondecode(aws_api_gateway_rest_api.this.body)["x-amazon-apigateway-gateway-responses"] : type => try(response.statusCode, null) } == { BAD_REQUEST_BODY = "400", BAD_REQUEST_PARAMETERS = "400", DEFAULT_4XX = null, DEFAULT_5XX = null, THROTTLED = "429" }
    error_message = "The defaults must keep the status of what falls under them."
  }
}

run "gif" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    image = "gif"
  }

  assert {
    condition     = jsondecode(aws_api_gateway_rest_api.this.body).paths["/events"].get["x-amazon-apigateway-integration"].responses["2\\d{2}"].responseTemplates["application/json"] == "$util.base64Decode(\"R0lGODlhAQABAAAAACwAAAAAAQABAAACAkQBADs=\")"
    error_message = "The GIF must be decoded by the template."
  }

  # 29 bytes and 29 characters: every byte is ASCII.
  assert {
    condition     = length(base64decode(regex("\"(.*)\"", local.images.gif.template)[0])) == 29 && startswith(base64decode(regex("\"(.*)\"", local.images.gif.template)[0]), "GIF89a")
    error_message = "The GIF must be ASCII, or AWS would not return it as it is."
  }

  assert {
    condition     = jsondecode(aws_api_gateway_rest_api.this.body).paths["/events"].get["x-amazon-apigateway-integration"].responses["2\\d{2}"].responseParameters["method.response.header.Content-Type"] == "'image/gif'"
    error_message = "The content type must be the image's."
  }
}

run "name_like_a_boolean" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    name = "no"
  }

  assert {
    condition     = jsondecode(aws_api_gateway_rest_api.this.body).info.title == "no-pixel"
    error_message = "YAML must not read names as other types."
  }
}

run "stage" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  assert {
    condition     = aws_api_gateway_stage.this.stage_name == "v1" && length(aws_api_gateway_stage.this.access_log_settings) == 0 && aws_api_gateway_stage.this.xray_tracing_enabled == false
    error_message = "The default stage must be v1 without access logs and tracing."
  }

  assert {
    condition     = length(aws_cloudformation_stack.account_role) == 0 && length(aws_cloudwatch_log_group.access) == 0 && length(aws_cloudwatch_log_group.execution) == 0
    error_message = "Without access logs nothing of theirs may be made."
  }

  assert {
    condition     = aws_api_gateway_method_settings.this.method_path == "*/*" && aws_api_gateway_method_settings.this.settings[0].throttling_rate_limit == 1000 && aws_api_gateway_method_settings.this.settings[0].throttling_burst_limit == 1000
    error_message = "Every method must be throttled."
  }

  assert {
    condition     = aws_api_gateway_method_settings.this.settings[0].metrics_enabled && !aws_api_gateway_method_settings.this.settings[0].data_trace_enabled && aws_api_gateway_method_settings.this.settings[0].logging_level == "OFF"
    error_message = "Metrics on, data trace off, no execution log without the account's role."
  }
}

run "access_logs" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    access_logs  = { enabled = true, retention_days = 7 }
    xray_tracing = true
  }

  assert {
    condition     = length(regexall("querystring|path\\b|sourceIp|userAgent|\\$context\\.path|identity", aws_api_gateway_stage.this.access_log_settings[0].format)) == 0
    error_message = "Access logs must hold no query string, address or user agent."
  }

  assert {
    condition     = jsondecode(aws_api_gateway_stage.this.access_log_settings[0].format).extendedRequestId == "$context.extendedRequestId" && jsondecode(aws_api_gateway_stage.this.access_log_settings[0].format).status == "$context.status"
    error_message = "Access logs must be JSON with the id that a client cannot choose."
  }

  assert {
    condition     = aws_cloudwatch_log_group.access["this"].retention_in_days == 7 && aws_cloudwatch_log_group.execution["this"].retention_in_days == 7 && aws_cloudwatch_log_group.execution["this"].name == "API-Gateway-Execution-Logs_a1b2c3d4e5/v1"
    error_message = "Both groups must be there with retention before API Gateway makes one for ever."
  }

  assert {
    condition     = aws_api_gateway_method_settings.this.settings[0].logging_level == "ERROR" && !aws_api_gateway_method_settings.this.settings[0].data_trace_enabled
    error_message = "Errors are logged, requests never."
  }

  assert {
    condition     = length(aws_cloudformation_stack.account_role) == 0
    error_message = "The account-wide role is made only when asked."
  }

  assert {
    condition     = aws_api_gateway_stage.this.xray_tracing_enabled
    error_message = "xray_tracing must reach the stage."
  }
}

run "account_role" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    access_logs = { enabled = true, create_account_role = true }
  }

  assert {
    condition     = { for name, resource in jsondecode(aws_cloudformation_stack.account_role["this"].template_body).Resources : resource.Type => resource.DeletionPolicy } == { "AWS::IAM::Role" = "Retain", "AWS::ApiGateway::Account" = "Retain" }
    error_message = "Role and setting must stay when the module is destroyed."
  }

  assert {
    condition     = jsondecode(aws_cloudformation_stack.account_role["this"].template_body).Resources.Role.Properties.ManagedPolicyArns == ["arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"]
    error_message = "The role must have AWS's policy for API Gateway's logs."
  }
}

run "queues" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  assert {
    condition     = aws_sqs_queue.ingest.name == "demo-pixel-events" && aws_sqs_queue.dlq.name == "demo-pixel-events-dlq" && aws_sqs_queue.rejects.name == "demo-pixel-rejects"
    error_message = "Queues must carry the caller's prefix."
  }

  assert {
    condition     = aws_sqs_queue.ingest.visibility_timeout_seconds == 725
    error_message = "The visibility timeout must be 6 x 120 seconds plus the window of 5."
  }

  assert {
    condition     = aws_sqs_queue.ingest.max_message_size == 245760 && aws_sqs_queue.rejects.max_message_size == 262144 && aws_sqs_queue.dlq.max_message_size == 262144
    error_message = "A message that was taken must fit into the rejects queue with its reason."
  }

  assert {
    condition     = aws_sqs_queue.ingest.message_retention_seconds == 604800 && aws_sqs_queue.dlq.message_retention_seconds == 1209600 && aws_sqs_queue.rejects.message_retention_seconds == 1209600
    error_message = "What is in the dead-letter queue keeps its age, so it must be kept longer than in the ingest queue."
  }

  assert {
    condition     = jsondecode(aws_sqs_queue.ingest.redrive_policy) == { deadLetterTargetArn = aws_sqs_queue.dlq.arn, maxReceiveCount = 20 }
    error_message = "After 20 receives a message must go to the dead-letter queue."
  }

  assert {
    condition     = jsondecode(aws_sqs_queue.dlq.redrive_allow_policy) == { redrivePermission = "byQueue", sourceQueueArns = ["arn:aws:sqs:eu-west-1:123456789012:demo-pixel-events"] }
    error_message = "Only the ingest queue may use the dead-letter queue."
  }

  assert {
    condition     = aws_sqs_queue.ingest.sqs_managed_sse_enabled && aws_sqs_queue.dlq.sqs_managed_sse_enabled && aws_sqs_queue.rejects.sqs_managed_sse_enabled
    error_message = "Every queue must be encrypted."
  }
}

run "queues_with_a_key" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    queue       = { visibility_timeout_seconds = 300, max_receive_count = 3 }
  }

  assert {
    condition     = alltrue([for key in [aws_sqs_queue.ingest.kms_master_key_id, aws_sqs_queue.dlq.kms_master_key_id, aws_sqs_queue.rejects.kms_master_key_id] : key == var.kms_key_arn])
    error_message = "Every queue must use the caller's key."
  }

  assert {
    condition     = aws_sqs_queue.ingest.visibility_timeout_seconds == 300 && jsondecode(aws_sqs_queue.ingest.redrive_policy).maxReceiveCount == 3
    error_message = "The caller's queue settings must win."
  }
}

run "package_from_s3" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    lambda_package = { s3_bucket = "artifacts", function_key = "function.zip", layer_key = "layer.zip", layer_version = "v7" }
  }

  assert {
    condition     = aws_lambda_layer_version.dependencies.s3_bucket == "artifacts" && aws_lambda_layer_version.dependencies.s3_key == "layer.zip" && aws_lambda_layer_version.dependencies.s3_object_version == "v7" && aws_lambda_layer_version.dependencies.filename == null
    error_message = "The layer must come from the caller's object."
  }
}
