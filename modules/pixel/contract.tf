locals {
  # Text, both of them: with a binary media type AWS turns request bodies into base64, and a template cannot run before
  # a conversion to binary. The GIF has no byte above 0x7f, so that it survives as text.
  images = {
    svg = {
      type     = "image/svg+xml"
      template = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1\" height=\"1\"/>"
    }
    gif = {
      type     = "image/gif"
      template = "$util.base64Decode(\"R0lGODlhAQABAAAAACwAAAAAAQABAAACAkQBADs=\")"
    }
  }

  # Mapping templates are files with one step per line for people and one line for the engine, to which line breaks and
  # indentation are text. In a message the inner urlEncode keeps a value inside its place, the outer one keeps the message
  # inside its place in the form that SQS reads. What a route is trusted with is a literal of its own template, and
  # quotes around an identity turn an absent one into an empty text, where null would end in a 500.
  one_line = "/\n */"

  content_types = {
    "application/json"                  = "json"
    "text/plain"                        = "text"
    "application/x-www-form-urlencoded" = "form"
  }

  get_message = replace(templatefile("${path.module}/message.vtl.tftpl", {
    route        = "public"
    authorizer   = null
    identity     = null
    content_type = null
  }), local.one_line, "")

  post_messages = {
    for type, name in local.content_types : type => replace(templatefile("${path.module}/message.vtl.tftpl", {
      route        = "public"
      authorizer   = null
      identity     = null
      content_type = name
    }), local.one_line, "")
  }

  trusted_messages = {
    for type, name in local.content_types : type => replace(templatefile("${path.module}/message.vtl.tftpl", {
      route        = "trusted"
      authorizer   = local.authorizer_kind
      identity     = local.identity
      content_type = name
    }), local.one_line, "")
    if var.trusted != null
  }

  # Only an integration's answer can depend on the origin. An override may be made once: a second one answers 500.
  echo_origin = length(var.cors.origins) == 0 ? "" : replace(
    templatefile("${path.module}/cors.vtl.tftpl", { origins = var.cors.origins }), local.one_line, ""
  )

  api_body = jsonencode(yamldecode(templatefile("${path.module}/openapi.yaml.tftpl", {
    name                   = "${var.name}-pixel"
    queue_uri              = "arn:${local.partition}:apigateway:${local.region}:sqs:path/${local.account_id}/${local.queue_names.ingest}"
    role_arn               = aws_iam_role.gateway.arn
    max_events_per_request = var.max_events_per_request
    domain_exclusive       = local.domain_exclusive
    get_message            = local.get_message
    post_messages          = local.post_messages
    trusted_messages       = local.trusted_messages
    security_scheme        = local.security_scheme
    trusted_headers        = local.trusted_headers
    cors                   = length(var.cors.origins) > 0
    image_type             = local.images[var.image].type
    answers = {
      image     = "${local.echo_origin}${local.images[var.image].template}"
      accepted  = "${local.echo_origin}{}"
      refused   = "${local.echo_origin}${jsonencode({ message = "The event was not queued. Send it again later." })}"
      preflight = local.echo_origin
    }
    # A status of null keeps the one of each response that falls under a default. AWS's message is a JSON text.
    gateway_responses = {
      BAD_REQUEST_BODY = {
        status  = 400
        message = jsonencode("The body must be JSON: an event with the texts event and endpoint_id, or an array of 1 to ${var.max_events_per_request} of them.")
      }
      BAD_REQUEST_PARAMETERS = { status = 400, message = "$context.error.messageString" }
      DEFAULT_4XX            = { status = null, message = "$context.error.messageString" }
      DEFAULT_5XX            = { status = null, message = "$context.error.messageString" }
      THROTTLED              = { status = 429, message = "$context.error.messageString" }
    }
  })))
}
