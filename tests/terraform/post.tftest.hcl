# modules/pixel: POST /events, and which pages may read answers.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name        = "demo"
  destination = { pinpoint = { application_id = "00112233445566778899aabbccddeeff" } }
}

run "messages" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  assert {
    condition = jsondecode(aws_api_gateway_rest_api.this.body).paths["/events"].post["x-amazon-apigateway-integration"].requestTemplates == {
      "application/json"                  = "Action=SendMessage&MessageBody=%7B%22version%22%3A1%2C%22route%22%3A%22public%22%2C%22request_id%22%3A%22$util.urlEncode($util.urlEncode($context.extendedRequestId))%22%2C%22request_time%22%3A%22$context.requestTimeEpoch%22%2C%22global_privacy_control%22%3A%22#foreach($name in $input.params().header.keySet())#if($name.toLowerCase() == \"sec-gpc\")$util.urlEncode($util.urlEncode($input.params().header.get($name)))#end#end%22%2C%22content_type%22%3A%22json%22%2C%22body%22%3A%22$util.urlEncode($util.urlEncode($input.body))%22%7D"
      "text/plain"                        = "Action=SendMessage&MessageBody=%7B%22version%22%3A1%2C%22route%22%3A%22public%22%2C%22request_id%22%3A%22$util.urlEncode($util.urlEncode($context.extendedRequestId))%22%2C%22request_time%22%3A%22$context.requestTimeEpoch%22%2C%22global_privacy_control%22%3A%22#foreach($name in $input.params().header.keySet())#if($name.toLowerCase() == \"sec-gpc\")$util.urlEncode($util.urlEncode($input.params().header.get($name)))#end#end%22%2C%22content_type%22%3A%22text%22%2C%22body%22%3A%22$util.urlEncode($util.urlEncode($input.body))%22%7D"
      "application/x-www-form-urlencoded" = "Action=SendMessage&MessageBody=%7B%22version%22%3A1%2C%22route%22%3A%22public%22%2C%22request_id%22%3A%22$util.urlEncode($util.urlEncode($context.extendedRequestId))%22%2C%22request_time%22%3A%22$context.requestTimeEpoch%22%2C%22global_privacy_control%22%3A%22#foreach($name in $input.params().header.keySet())#if($name.toLowerCase() == \"sec-gpc\")$util.urlEncode($util.urlEncode($input.params().header.get($name)))#end#end%22%2C%22content_type%22%3A%22form%22%2C%22body%22%3A%22$util.urlEncode($util.urlEncode($input.body))%22%7D"
    }
    error_message = "Each content type must have the one line of the contract that names it."
  }

  assert {
    condition     = jsondecode(aws_api_gateway_rest_api.this.body).paths["/events"].post["x-amazon-apigateway-integration"].passthroughBehavior == "never"
    error_message = "A body of another type must be refused with 415, never be passed to SQS."
  }

  assert {
    condition     = alltrue([for key in ["uri", "credentials", "httpMethod", "type", "requestParameters"] : jsondecode(aws_api_gateway_rest_api.this.body).paths["/events"].post["x-amazon-apigateway-integration"][key] == jsondecode(aws_api_gateway_rest_api.this.body).paths["/events"].get["x-amazon-apigateway-integration"][key]])
    error_message = "POST must write to the same queue in the same way as GET."
  }
}

run "body_model" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  assert {
    condition     = jsondecode(aws_api_gateway_rest_api.this.body)["x-amazon-apigateway-request-validators"][jsondecode(aws_api_gateway_rest_api.this.body).paths["/events"].post["x-amazon-apigateway-request-validator"]].validateRequestBody
    error_message = "The method's validator must check the body."
  }

  assert {
    condition     = jsondecode(aws_api_gateway_rest_api.this.body).paths["/events"].post.requestBody.content == { "application/json" = { schema = { "$ref" = "#/components/schemas/Events" } } }
    error_message = "Only JSON has a model: with one for another type AWS would refuse each body of it, since none is JSON."
  }

  assert {
    condition = jsondecode(aws_api_gateway_rest_api.this.body).components.schemas == {
      Event = {
        type       = "object"
        required   = ["event", "endpoint_id"]
        properties = { event = { type = "string", pattern = "\\S" }, endpoint_id = { type = "string", pattern = "\\S" } }
      }
      Events = {
        oneOf = [
          { "$ref" = "#/components/schemas/Event" },
          { type = "array", minItems = 1, maxItems = 100, items = { "$ref" = "#/components/schemas/Event" } },
        ]
      }
    }
    error_message = "The model must take an event or 1 to 100 of them, each with event and endpoint_id that are not blank."
  }

  assert {
    condition     = alltrue([for name in keys(jsondecode(aws_api_gateway_rest_api.this.body).components.schemas) : can(regex("^[A-Za-z0-9]+$", name))])
    error_message = "AWS takes letters and digits only in a model's name."
  }

  assert {
    condition     = can(regex("array of 1 to 100", jsondecode(jsondecode(aws_api_gateway_rest_api.this.body)["x-amazon-apigateway-gateway-responses"].BAD_REQUEST_BODY.responseTemplates["application/json"]).message))
    error_message = "A refused body must answer JSON that says what a body must be."
  }
}

run "fewer_events" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    max_events_per_request = 25
  }

  assert {
    condition     = jsondecode(aws_api_gateway_rest_api.this.body).components.schemas.Events.oneOf[1].maxItems == 25 && local.environment.MAX_EVENTS_PER_REQUEST == "25"
    error_message = "The gateway and the consumer must have the same limit."
  }

  assert {
    condition     = strcontains(jsondecode(aws_api_gateway_rest_api.this.body)["x-amazon-apigateway-gateway-responses"].BAD_REQUEST_BODY.responseTemplates["application/json"], "1 to 25 of them")
    error_message = "The answer must tell the caller's limit."
  }
}

run "answers" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  assert {
    condition     = { for pattern, response in jsondecode(aws_api_gateway_rest_api.this.body).paths["/events"].post["x-amazon-apigateway-integration"].responses : "${pattern} ${response.statusCode}" => response.responseTemplates["application/json"] } == { "2\\d{2} 200" = "{}", "default 503" = "{\"message\":\"The event was not queued. Send it again later.\"}" }
    error_message = "Only a 2xx of SQS may answer 200."
  }

  assert {
    condition = alltrue([
      for response in jsondecode(aws_api_gateway_rest_api.this.body).paths["/events"].post["x-amazon-apigateway-integration"].responses : response.responseParameters == {
        "method.response.header.Cache-Control"                = "'no-store'"
        "method.response.header.Content-Type"                 = "'application/json'"
        "method.response.header.Cross-Origin-Resource-Policy" = "'cross-origin'"
        "method.response.header.X-Content-Type-Options"       = "'nosniff'"
      }
    ])
    error_message = "Answers must be JSON that nobody caches or sniffs."
  }
}

run "no_origins" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  assert {
    condition     = !strcontains(jsonencode(jsondecode(aws_api_gateway_rest_api.this.body).paths), "Access-Control") && !strcontains(jsonencode(jsondecode(aws_api_gateway_rest_api.this.body).paths), "'Origin'") && !strcontains(aws_api_gateway_rest_api.this.body, "responseOverride")
    error_message = "Without a list no answer of the queue may speak of origins."
  }
}

run "origins" {
  command = plan

  module {
    source = "./modules/pixel"
  }

  variables {
    cors = { origins = ["https://www.example.com", "http://localhost:8080"] }
  }

  assert {
    condition     = keys(jsondecode(aws_api_gateway_rest_api.this.body).paths["/events"]) == ["get", "options", "post"]
    error_message = "Browsers ask with OPTIONS before they send JSON."
  }

  assert {
    condition = {
      image     = jsondecode(aws_api_gateway_rest_api.this.body).paths["/events"].get["x-amazon-apigateway-integration"].responses["2\\d{2}"].responseTemplates["application/json"]
      lost      = jsondecode(aws_api_gateway_rest_api.this.body).paths["/events"].get["x-amazon-apigateway-integration"].responses.default.responseTemplates["application/json"]
      accepted  = jsondecode(aws_api_gateway_rest_api.this.body).paths["/events"].post["x-amazon-apigateway-integration"].responses["2\\d{2}"].responseTemplates["application/json"]
      refused   = jsondecode(aws_api_gateway_rest_api.this.body).paths["/events"].post["x-amazon-apigateway-integration"].responses.default.responseTemplates["application/json"]
      preflight = jsondecode(aws_api_gateway_rest_api.this.body).paths["/events"].options["x-amazon-apigateway-integration"].responses.default.responseTemplates["application/json"]
      } == {
      image     = "#set($origin = \"\")#foreach($name in $input.params().header.keySet())#if($name.toLowerCase() == \"origin\")#set($origin = $input.params().header.get($name))#end#end#if($origin == \"https://www.example.com\" || $origin == \"http://localhost:8080\")#set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)#end<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1\" height=\"1\"/>"
      lost      = "#set($origin = \"\")#foreach($name in $input.params().header.keySet())#if($name.toLowerCase() == \"origin\")#set($origin = $input.params().header.get($name))#end#end#if($origin == \"https://www.example.com\" || $origin == \"http://localhost:8080\")#set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)#end{\"message\":\"The event was not queued. Send it again later.\"}"
      accepted  = "#set($origin = \"\")#foreach($name in $input.params().header.keySet())#if($name.toLowerCase() == \"origin\")#set($origin = $input.params().header.get($name))#end#end#if($origin == \"https://www.example.com\" || $origin == \"http://localhost:8080\")#set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)#end{}"
      refused   = "#set($origin = \"\")#foreach($name in $input.params().header.keySet())#if($name.toLowerCase() == \"origin\")#set($origin = $input.params().header.get($name))#end#end#if($origin == \"https://www.example.com\" || $origin == \"http://localhost:8080\")#set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)#end{\"message\":\"The event was not queued. Send it again later.\"}"
      preflight = "#set($origin = \"\")#foreach($name in $input.params().header.keySet())#if($name.toLowerCase() == \"origin\")#set($origin = $input.params().header.get($name))#end#end#if($origin == \"https://www.example.com\" || $origin == \"http://localhost:8080\")#set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)#end"
    }
    error_message = "Every answer must echo a listed origin, with one override at the end: AWS answers 500 to a second one."
  }

  assert {
    condition = alltrue([
      for method in ["get", "post", "options"] : alltrue([
        for response in jsondecode(aws_api_gateway_rest_api.this.body).paths["/events"][method]["x-amazon-apigateway-integration"].responses :
        response.responseParameters["method.response.header.Vary"] == "'Origin'" && response.responseParameters["method.response.header.Access-Control-Allow-Credentials"] == "'true'" && !contains(keys(response.responseParameters), "method.response.header.Access-Control-Allow-Origin")
      ])
    ])
    error_message = "Caches must tell origins apart, beacons send credentials, and only the template may name an origin."
  }

  assert {
    condition = alltrue(flatten([
      for method in ["get", "post", "options"] : [
        for response in jsondecode(aws_api_gateway_rest_api.this.body).paths["/events"][method]["x-amazon-apigateway-integration"].responses :
        [for header in concat(keys(response.responseParameters), ["Access-Control-Allow-Origin"]) : contains(keys(jsondecode(aws_api_gateway_rest_api.this.body).paths["/events"][method].responses[response.statusCode].headers), trimprefix(header, "method.response.header."))]
      ]
    ]))
    error_message = "AWS refuses an integration response with a header that the method response does not declare."
  }

  assert {
    condition = { for key, value in jsondecode(aws_api_gateway_rest_api.this.body).paths["/events"].options["x-amazon-apigateway-integration"] : key => value if key != "responses" } == {
      type                = "mock"
      passthroughBehavior = "never"
      requestTemplates    = { "application/json" = "{\"statusCode\":204}" }
    }
    error_message = "OPTIONS must be answered by the gateway alone."
  }

  assert {
    condition = { for name in ["Allow-Headers", "Allow-Methods", "Max-Age"] : name => jsondecode(aws_api_gateway_rest_api.this.body).paths["/events"].options["x-amazon-apigateway-integration"].responses.default.responseParameters["method.response.header.Access-Control-${name}"] } == {
      "Allow-Headers" = "'content-type'"
      "Allow-Methods" = "'GET,POST'"
      "Max-Age"       = "'3600'"
    }
    error_message = "A browser must learn that JSON may be posted."
  }

  assert {
    condition     = alltrue([for response in values(jsondecode(aws_api_gateway_rest_api.this.body)["x-amazon-apigateway-gateway-responses"]) : response.responseParameters["gatewayresponse.header.Access-Control-Allow-Origin"] == "'*'" && !contains(keys(response.responseParameters), "gatewayresponse.header.Access-Control-Allow-Credentials")])
    error_message = "The gateway's own errors cannot choose an origin, so they must allow any, without credentials."
  }

  assert {
    condition     = aws_api_gateway_deployment.this.triggers.body == sha256(aws_api_gateway_rest_api.this.body)
    error_message = "A changed list of origins must make a new deployment."
  }
}
