# ---------------------------------------------------------------------------------------------------------------------
# Shared
# ---------------------------------------------------------------------------------------------------------------------

variable "name" {
  type        = string
  description = "Prefix of every resource's name: 2 to 32 lower-case letters, digits and hyphens. Choose another one for each call in an account."
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,30}[a-z0-9]$", var.name))
    error_message = "name must be 2 to 32 lower-case letters, digits and hyphens, begin with a letter and not end with a hyphen, because role names end at 64 characters. Shorten or rewrite it."
  }
}

variable "tags" {
  type        = map(string)
  description = "Tags for every resource."
  default     = {}
  nullable    = false
}

variable "kms_key_arn" {
  type        = string
  description = <<-EOT
    Customer-managed key for the queues, the function's environment and the log groups. null: keys owned by AWS.

    Its key policy must let `logs.<region>.amazonaws.com` use it; the roles made here get the rights that they need.
  EOT
  default     = null

  validation {
    condition     = var.kms_key_arn == null ? true : can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a key (arn:aws:kms:<region>:<account>:key/<id>), not of an alias. Take the key's arn, or leave it out for keys owned by AWS."
  }
}

variable "permissions_boundary_arn" {
  type        = string
  description = "Permissions boundary of every role. null: none."
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null ? true : can(regex("^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/.+$", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn must be the ARN of an IAM policy (arn:aws:iam::<account>:policy/<name>). Take the policy's arn, or leave it out."
  }
}

variable "alarm_topic_arns" {
  type        = list(string)
  description = "SNS topics that hear of every alarm going on and off. Without one, alarms only show in CloudWatch."
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.alarm_topic_arns : can(regex("^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:.+$", arn))])
    error_message = "alarm_topic_arns must hold ARNs of SNS topics (arn:aws:sns:<region>:<account>:<name>). Take each topic's arn."
  }
}

variable "xray_tracing" {
  type        = bool
  description = "Whether the API's stage and the function are traced with X-Ray (billed by trace)."
  default     = false
  nullable    = false
}

variable "destination" {
  type = object({
    pinpoint = optional(object({
      application_id  = string
      put_events_rate = optional(number, 15)
    }))
    connect = optional(object({
      domain_name = string
      domain_arn  = string
      object_types = object({
        public  = string
        trusted = string
      })
      profile_attributes = optional(list(string), [])
      put_objects_rate   = optional(number, 100)
    }))
  })
  description = <<-EOT
    The engagement services that receive the events, one or both.

    `pinpoint.application_id`: the project's ID, 32 hexadecimal digits, in the same account and Region.
    `pinpoint.put_events_rate`: PutEvents requests per second that this environment may use. Pinpoint allows 15 per
    account and Region (quota, 2026), each with up to 100 events: subtract what your apps and other environments use.
    `connect`: the output `destination` of `modules/connect-destination`; `put_objects_rate`, objects per second that this
    environment may write, may be merged in. Customer Profiles allows 100 per account and Region (quota, 2026).
  EOT
  nullable    = false

  validation {
    condition     = var.destination.pinpoint != null || var.destination.connect != null
    error_message = "destination must have pinpoint, connect or both. Set destination = { pinpoint = { application_id = \"<project ID>\" } } or destination = { connect = module.<connect-destination>.destination }."
  }

  validation {
    condition     = can(regex("^[0-9a-f]{32}$", try(var.destination.pinpoint.application_id, "0123456789abcdef0123456789abcdef")))
    error_message = "destination.pinpoint.application_id must be 32 hexadecimal digits. Copy the project ID from Pinpoint's general settings, or pass the pinpoint-project module's application_id."
  }

  validation {
    condition     = try(var.destination.pinpoint.put_events_rate, 15) > 0 && try(var.destination.pinpoint.put_events_rate, 15) <= 10000
    error_message = "destination.pinpoint.put_events_rate must be above 0 and at most 10000 requests per second. Use the account's quota minus what others use; the quota is 15 unless AWS raised it."
  }

  validation {
    condition     = try(var.destination.connect.put_objects_rate, 100) > 0 && try(var.destination.connect.put_objects_rate, 100) <= 10000
    error_message = "destination.connect.put_objects_rate must be above 0 and at most 10000 objects per second. Use the account's quota minus what others use; the quota is 100 unless AWS raised it."
  }
}

variable "lambda_package" {
  type = object({
    s3_bucket        = string
    function_key     = string
    function_version = optional(string)
    layer_key        = string
    layer_version    = optional(string)
  })
  description = <<-EOT
    Function and layer zips in S3 instead of the ones in this repository's `dist/`. null: `dist/`.

    `s3_bucket`: bucket in the function's Region. `function_key`, `layer_key`: keys of the two zips.
    `function_version`, `layer_version`: object versions. Without them use new keys for each release, since Terraform
    does not see that an object was replaced.
  EOT
  default     = null

  validation {
    condition     = var.lambda_package == null ? true : alltrue([for value in [var.lambda_package.s3_bucket, var.lambda_package.function_key, var.lambda_package.layer_key] : length(value) > 0])
    error_message = "lambda_package.s3_bucket, function_key and layer_key must not be empty. Run make publish BUCKET=<bucket> and use what it prints, or leave lambda_package out."
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# API
# ---------------------------------------------------------------------------------------------------------------------

variable "stage_name" {
  type        = string
  description = "First part of the URL's path: `https://<host>/<stage_name>/events`. `Api-PinpointEvents` keeps the URLs of pinpoint-gtm-connector in shape."
  default     = "v1"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,128}$", var.stage_name))
    error_message = "stage_name must be 1 to 128 letters, digits, hyphens and underscores. Remove other characters."
  }
}

variable "image" {
  type        = string
  description = "Image that answers a queued event: `svg` or `gif`. Both are 1x1 and text, since the API has no binary media type."
  default     = "svg"
  nullable    = false

  validation {
    condition     = contains(["svg", "gif"], var.image)
    error_message = "image must be \"svg\" or \"gif\". Use \"gif\" only where something refuses an SVG."
  }
}

variable "throttle" {
  type = object({
    rate_per_second = optional(number, 1000)
    burst           = optional(number, 1000)
    post = optional(object({
      rate_per_second = optional(number)
      burst           = optional(number)
    }))
    trusted = optional(object({
      rate_per_second = optional(number)
      burst           = optional(number)
    }))
  })
  description = <<-EOT
    What each method takes before it answers 429; the account's limit (10,000 per second, in some Regions 2,500) is
    shared by all its APIs.

    `rate_per_second`: sustained requests per second. `burst`: requests at one moment.
    `post`, `trusted`: the same for POST /events and for POST /trusted/events; what one leaves out is as for the others.
    A POST may hold `max_events_per_request` events.
  EOT
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for limits in [var.throttle, var.throttle.post, var.throttle.trusted] : try(limits.rate_per_second, null) == null ? true : limits.rate_per_second > 0 && limits.rate_per_second <= 100000])
    error_message = "throttle.rate_per_second, throttle.post.rate_per_second and throttle.trusted.rate_per_second must be above 0 and at most 100000. Stay below the account's API Gateway quota."
  }

  validation {
    condition     = alltrue([for limits in [var.throttle, var.throttle.post, var.throttle.trusted] : try(limits.burst, null) == null ? true : limits.burst >= 1 && limits.burst <= 100000 && floor(limits.burst) == limits.burst])
    error_message = "throttle.burst, throttle.post.burst and throttle.trusted.burst must be whole numbers from 1 to 100000. Stay below the account's API Gateway quota."
  }

  validation {
    condition     = var.throttle.trusted == null || var.trusted != null
    error_message = "throttle.trusted has no use without trusted, since the route does not exist. Set trusted, or remove throttle.trusted."
  }
}

variable "cors" {
  type = object({
    origins = optional(list(string), [])
  })
  description = <<-EOT
    Which pages may read answers and send JSON with fetch or a beacon. An image needs no CORS, and CORS does not protect
    one.

    `origins`: exact origins, such as `https://www.example.com`, as browsers write them. Without any, there is no
    OPTIONS method and no answer of the queue names an origin. Errors of the gateway itself always allow any page.
  EOT
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for origin in var.cors.origins : can(regex("^https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[1-9][0-9]{0,4})?$", origin))])
    error_message = "cors.origins must hold origins as browsers send them: scheme and host in lower case, a port only if it is not the scheme's own, no path, no closing slash and no *. Write for example https://www.example.com."
  }

  validation {
    condition     = length(var.cors.origins) <= 100 && length(distinct(var.cors.origins)) == length(var.cors.origins)
    error_message = "cors.origins must hold at most 100 origins, each once. Remove some."
  }
}

variable "max_events_per_request" {
  type        = number
  description = "Events that one POST may hold, 1 to 100, and 64 KiB in all; the gateway refuses larger JSON arrays and the consumer rejects them."
  default     = 100
  nullable    = false

  validation {
    condition     = var.max_events_per_request >= 1 && var.max_events_per_request <= 100 && floor(var.max_events_per_request) == var.max_events_per_request
    error_message = "max_events_per_request must be a whole number from 1 to 100. Leave it out for 100, and let clients send more requests."
  }
}

variable "access_logs" {
  type = object({
    enabled             = optional(bool, false)
    create_account_role = optional(bool, false)
    retention_days      = optional(number, 30)
  })
  description = <<-EOT
    Logs of the API: one JSON line per request, without query string, address or user agent; errors of the gateway too.

    `enabled`: whether they are written. API Gateway needs a role for this, one per account and Region, which must
    already be set.
    `create_account_role`: sets that role from here. For one call in an account and Region at most, and never where
    another stack sets it. Role and setting stay when this module is destroyed, because other APIs may log by then.
    `retention_days`: days that the logs are kept, as CloudWatch Logs knows them.
  EOT
  default     = {}
  nullable    = false

  validation {
    condition     = var.access_logs.enabled || !var.access_logs.create_account_role
    error_message = "access_logs.create_account_role has no use without access_logs.enabled = true. Set both or neither."
  }

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.access_logs.retention_days)
    error_message = "access_logs.retention_days must be a period of CloudWatch Logs: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653. Choose the nearest."
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# Trusted route
# ---------------------------------------------------------------------------------------------------------------------

variable "trusted" {
  type = object({
    iam = optional(object({
      principals = optional(list(string), [])
    }))
    cognito = optional(object({
      user_pool_arns = list(string)
      endpoint_claim = optional(string, "sub")
    }))
    lambda = optional(object({
      function_arn    = string
      identity_header = optional(string, "Authorization")
      ttl_seconds     = optional(number, 300)
    }))
  })
  description = <<-EOT
    POST /trusted/events, for callers whom exactly one authorizer knows. They may write the user attributes of
    `user_attributes.authenticated`. null: the path does not exist.

    `iam`: callers sign with SigV4 and may write for any endpoint. Those of this account need `execute-api:Invoke` on the
    output `trusted_arn`; `principals` lets accounts (12 digits) and IAM ARNs of other accounts in, which need it too.
    `cognito.user_pool_arns`: users with an ID token of these pools. `cognito.endpoint_claim`: the claim that names the
    only endpoint for which a user may write.
    `lambda.function_arn`: a REQUEST authorizer, which returns the endpoint as `endpoint_id` in its context; `*` is any.
    `lambda.identity_header`: header that a caller must send. `lambda.ttl_seconds`: 0 to 3600; how long an answer counts
    for the same header.
  EOT
  default     = null

  validation {
    condition     = var.trusted == null ? true : length([for authorizer in [var.trusted.iam, var.trusted.cognito, var.trusted.lambda] : authorizer if authorizer != null]) == 1
    error_message = "trusted must have exactly one of iam, cognito and lambda, since a method has one authorizer. Keep one, or leave trusted out; trusted = { iam = {} } is for callers of this account."
  }

  validation {
    condition     = alltrue([for principal in try(var.trusted.iam.principals, []) : can(regex("^([0-9]{12}|arn:[a-z-]+:iam::[0-9]{12}:(root|(role|user)/.+))$", principal))])
    error_message = "trusted.iam.principals must hold accounts (12 digits) and ARNs of IAM roles or users. Take the role's arn, or the number of the account; * would let every account in."
  }

  validation {
    condition     = try(var.trusted.cognito, null) == null ? true : length(var.trusted.cognito.user_pool_arns) > 0 && alltrue([for arn in var.trusted.cognito.user_pool_arns : can(regex("^arn:[a-z-]+:cognito-idp:[a-z0-9-]+:[0-9]{12}:userpool/[A-Za-z0-9_-]+$", arn))])
    error_message = "trusted.cognito.user_pool_arns must hold at least one ARN of a user pool (arn:aws:cognito-idp:<region>:<account>:userpool/<id>). Take each pool's arn."
  }

  validation {
    condition     = can(regex("^[A-Za-z0-9_]+$", try(var.trusted.cognito.endpoint_claim, "sub")))
    error_message = "trusted.cognito.endpoint_claim must be letters, digits and underscores, because a mapping template cannot name others, such as custom:id. Use sub, or add a claim in a pre token generation trigger."
  }

  validation {
    condition     = try(var.trusted.lambda, null) == null ? true : can(regex("^arn:[a-z-]+:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]+(:[A-Za-z0-9_$-]+)?$", var.trusted.lambda.function_arn))
    error_message = "trusted.lambda.function_arn must be the ARN of a function, a version or an alias (arn:aws:lambda:<region>:<account>:function:<name>). Take the function's arn, not its invoke_arn."
  }

  validation {
    condition     = can(regex("^[A-Za-z0-9-]+$", try(var.trusted.lambda.identity_header, "Authorization")))
    error_message = "trusted.lambda.identity_header must be letters, digits and hyphens. Leave it out for Authorization."
  }

  validation {
    condition     = try(var.trusted.lambda.ttl_seconds >= 0 && var.trusted.lambda.ttl_seconds <= 3600 && floor(var.trusted.lambda.ttl_seconds) == var.trusted.lambda.ttl_seconds, true)
    error_message = "trusted.lambda.ttl_seconds must be a whole number from 0 to 3600. Use 0 to ask the function for each call, or leave it out for 300."
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# Edge
# ---------------------------------------------------------------------------------------------------------------------

variable "domain" {
  type = object({
    name            = string
    certificate_arn = string
    hosted_zone     = optional(object({ id = string }))
    exclusive       = optional(bool, false)
  })
  description = <<-EOT
    Own host name: the URL becomes `https://<name>/events`, without the stage. null: API Gateway's own.

    `name`: host name, in lower case. `certificate_arn`: ACM certificate for it, in this Region.
    `hosted_zone.id`: Route 53 zone in which an alias record is made. Without it, point your DNS at the output
    `domain_target`. An object, so that a zone may be made in the same apply. `exclusive`: API Gateway's own host name
    answers 403, once no tag uses it any more.
  EOT
  default     = null

  validation {
    condition     = var.domain == null ? true : length(var.domain.name) <= 253 && can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", var.domain.name))
    error_message = "domain.name must be one host name in lower case, such as events.example.com, without scheme, path and *. Rewrite it."
  }

  validation {
    condition     = var.domain == null ? true : can(regex("^arn:[a-z-]+:acm:[a-z0-9-]+:[0-9]{12}:certificate/.+$", var.domain.certificate_arn))
    error_message = "domain.certificate_arn must be the ARN of an ACM certificate (arn:aws:acm:<region>:<account>:certificate/<id>). Take the certificate_arn of its aws_acm_certificate_validation, so that it is issued first."
  }

  validation {
    condition     = try(var.domain.hosted_zone, null) == null ? true : can(regex("^Z[A-Z0-9]{1,31}$", var.domain.hosted_zone.id))
    error_message = "domain.hosted_zone.id must be the ID of a Route 53 zone, which begins with Z. Take the zone's zone_id, or leave hosted_zone out and make the record yourself."
  }
}

variable "web_acl" {
  type        = object({ arn = string })
  description = <<-EOT
    Web ACL for the API's stage, and thereby for every host name. null: none.

    `arn`: ARN of a regional WAFv2 web ACL. An object, so that the ACL may be made in the same apply. Redact the query
    string in its logs: it holds what events say, and tokens.
  EOT
  default     = null

  validation {
    condition     = var.web_acl == null ? true : can(regex("^arn:[a-z-]+:wafv2:[a-z0-9-]+:[0-9]{12}:regional/webacl/.+$", var.web_acl.arn))
    error_message = "web_acl.arn must be the ARN of a regional WAFv2 web ACL (arn:aws:wafv2:<region>:<account>:regional/webacl/<name>/<id>). Take the arn of an ACL with scope REGIONAL; one for CloudFront does not fit."
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# What events may say
# ---------------------------------------------------------------------------------------------------------------------

variable "events" {
  type        = list(string)
  description = "Globs of the event names that are taken; others go to the rejects queue. The URL is open to everyone and an app knows 1,500 event types at most: list yours."
  default     = ["*"]
  nullable    = false

  validation {
    condition     = length(var.events) > 0 && alltrue([for glob in var.events : length(trimspace(glob)) > 0])
    error_message = "events must hold at least one glob and no empty one, for example [\"purchase_*\", \"sign_up\"]. [\"*\"] takes every name."
  }
}

variable "event_attributes" {
  type        = list(string)
  description = "Globs of the names that `evat_NAME` may use; others are dropped and counted, the event is sent. An app knows 500 attribute names at most."
  default     = ["*"]
  nullable    = false

  validation {
    condition     = alltrue([for glob in var.event_attributes : length(trimspace(glob)) > 0])
    error_message = "event_attributes must hold no empty glob. [\"*\"] allows every name, [] none."
  }
}

variable "event_metrics" {
  type        = list(string)
  description = "Globs of the names that `evme_NAME` may use; others are dropped and counted, the event is sent. An app knows 500 metric names at most."
  default     = ["*"]
  nullable    = false

  validation {
    condition     = alltrue([for glob in var.event_metrics : length(trimspace(glob)) > 0])
    error_message = "event_metrics must hold no empty glob. [\"*\"] allows every name, [] none."
  }
}

variable "user_attributes" {
  type = object({
    anonymous     = optional(list(string), [])
    authenticated = optional(list(string), [])
  })
  description = <<-EOT
    Globs of the names that `usat_NAME` may write to the endpoint's user.

    `anonymous`: what anyone may write, for any endpoint id: nothing unless set. Allow only what may be forged.
    `authenticated`: what a call with a valid token and a call of the trusted route may write as well. A customer who is
    logged in can write any value: an app knows 250 names of user attributes at most, so list yours.
  EOT
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for glob in concat(var.user_attributes.anonymous, var.user_attributes.authenticated) : length(trimspace(glob)) > 0])
    error_message = "user_attributes.anonymous and user_attributes.authenticated must hold no empty glob. [] allows no name."
  }
}

variable "reserved_events" {
  type        = list(string)
  description = "Globs of event names that a pixel call can never send, whatever `events` allows. `_*` (Pinpoint's own) is always reserved."
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for glob in var.reserved_events : length(trimspace(glob)) > 0])
    error_message = "reserved_events must hold no empty glob. [] reserves only _*."
  }
}

variable "reserved_endpoint_ids" {
  type        = list(string)
  description = "Globs of endpoint ids that a pixel call can never use. `company-*` (endpoints of company events) is always reserved."
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for glob in var.reserved_endpoint_ids : length(trimspace(glob)) > 0])
    error_message = "reserved_endpoint_ids must hold no empty glob. [] reserves only company-*."
  }
}

variable "reserved_user_attributes" {
  type        = list(string)
  description = "Globs of user attribute names that a pixel call can never write, whatever `user_attributes` allows. `engagement_*` is always reserved."
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for glob in var.reserved_user_attributes : length(trimspace(glob)) > 0])
    error_message = "reserved_user_attributes must hold no empty glob. [] reserves only engagement_*."
  }
}

variable "endpoint_id_pattern" {
  type        = string
  description = "Regular expression that a whole endpoint id must match, for example `[0-9a-f]{32}`; other ids are rejected. Empty: any id."
  default     = ""
  nullable    = false

  validation {
    condition     = can(regexall(var.endpoint_id_pattern, "")) && length(regexall("\\\\[pPzQC]|\\[\\[:|\\(\\?[a-zA-Z]*U", var.endpoint_id_pattern)) == 0
    error_message = "endpoint_id_pattern must be a regular expression that both RE2 and Python understand: no look-around, back-reference, \\p{..}, \\z or [[:class:]]. Write it with plain groups and character ranges."
  }
}

variable "token" {
  type = object({
    keys_arn        = string
    kms_key_arn     = optional(string)
    audience        = optional(string)
    max_age_seconds = optional(number, 86400)
    required        = optional(bool, false)
  })
  description = <<-EOT
    Tokens that the site's backend mints for the customer who is logged in. With a valid one a call of the public routes
    may write `user_attributes.authenticated` for that customer's endpoint. null: a token has no meaning.

    `keys_arn`: SSM parameter or Secrets Manager secret with `{"keys": {"<kid>": "<base64>"}}`, in this Region. You make
    and rotate it; Terraform never reads it. `kms_key_arn`: its key, unless that is the one of AWS.
    `audience`: what tokens are minted for, 1 to 128 characters. null: the Pinpoint project's ID, as long as Pinpoint is a
    destination, else the name of Connect's domain: set the old ID when Pinpoint goes, and tokens stay valid. Another one
    for each environment keeps their tokens apart.
    `max_age_seconds`: 60 to 86400; a token may expire at most so long after the call.
    `required`: whether calls of the public routes without a valid token are rejected. Images can carry a token too.
  EOT
  default     = null

  validation {
    condition     = var.token == null ? true : can(regex("^arn:[a-z-]+:(ssm:[a-z0-9-]+:[0-9]{12}:parameter/.+|secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:.+-[A-Za-z0-9]{6})$", var.token.keys_arn))
    error_message = "token.keys_arn must be the ARN of an SSM parameter (arn:aws:ssm:<region>:<account>:parameter/<name>) or the whole ARN of a secret, with the six characters at its end (arn:aws:secretsmanager:<region>:<account>:secret:<name>-<6>). Take the resource's arn."
  }

  validation {
    condition     = try(var.token.kms_key_arn, null) == null ? true : can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.token.kms_key_arn))
    error_message = "token.kms_key_arn must be the ARN of a key (arn:aws:kms:<region>:<account>:key/<id>), not of an alias. Take the key's arn, or leave it out if the keys are encrypted with AWS's own."
  }

  validation {
    condition     = try(var.token.audience, null) == null ? true : can(regex("^[!-~]{1,128}$", var.token.audience))
    error_message = "token.audience must be 1 to 128 ASCII characters without spaces. Leave it out for the ID of the Pinpoint project or the name of Connect's domain."
  }

  validation {
    condition     = try(var.token.max_age_seconds >= 60 && var.token.max_age_seconds <= 86400 && floor(var.token.max_age_seconds) == var.token.max_age_seconds, true)
    error_message = "token.max_age_seconds must be a whole number from 60 to 86400 (a day), because a copied token works until it expires. Leave it out for 86400."
  }
}

variable "global_privacy_control" {
  type        = string
  description = "What a visitor's signal (the header `Sec-GPC: 1`) does on the public and the trusted route: `ignore`, `no_updates` (the event is sent, user attributes are not written) or `drop` (the event is counted and not sent)."
  default     = "no_updates"
  nullable    = false

  validation {
    condition     = contains(["ignore", "no_updates", "drop"], var.global_privacy_control)
    error_message = "global_privacy_control must be \"ignore\", \"no_updates\" or \"drop\". Leave it out for no_updates."
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# Google Tag Manager
# ---------------------------------------------------------------------------------------------------------------------

variable "gtm" {
  type = object({
    events           = optional(list(string))
    event_attributes = optional(list(string))
    event_metrics    = optional(list(string))
    user_attributes  = optional(list(string))
    consent_types    = optional(list(string), [])
    name_prefix      = optional(string, "Engagement - ")
    template = optional(object({
      without_consent = optional(string, "wait")
    }))
  })
  description = <<-EOT
    Container for Google Tag Manager (GTM) in the output `gtm_container`.

    `events`: names of the events on which the tag fires. null: those of `events`; a glob there becomes a regular
    expression, and one that begins with a wildcard becomes none, since it would match the events of other tools.
    `event_attributes`, `event_metrics`, `user_attributes`: names that the tag sends, each read from the data layer under
    the same name. null: the names without wildcards in the lists of what the pixel takes.
    `consent_types`: types of consent, such as `analytics_storage`, without which the tag does not fire. Empty: GTM shows
    the tag as not yet reviewed for consent.
    `name_prefix`: what the names of all parts begin with, so that an import merges with nothing of yours.
    `template`: the container carries the custom template of `gtm/` and its tag uses it, instead of a Custom Image tag.
    `template.without_consent`: what the tag then does until consent is given: `wait` on the page, `drop` the event, or
    send it with `no_user_attributes`.
    With `token`, the container also has a variable for the token, and `user_attributes` may name what is for customers
    who are logged in.
  EOT
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for name in coalesce(var.gtm.events, []) : can(regex("^[A-Za-z0-9_.-]([A-Za-z0-9_. -]*[A-Za-z0-9_.-])?$", name)) && !startswith(name, "gtm.")])
    error_message = "gtm.events must hold names of events, without wildcards, of letters, digits, spaces and _ . - only, and none of GTM's own gtm.* events. Name each event that the site pushes."
  }

  validation {
    condition = alltrue([for name in coalesce(var.gtm.events, []) :
      anytrue([for pattern in local.gtm_patterns.events : can(regex(pattern, name))]) && !anytrue([for pattern in local.gtm_patterns.reserved_events : can(regex(pattern, name))])
    ])
    error_message = "gtm.events must hold only names that events allows and that are not reserved: the pixel would reject the others. Add them to events, or remove them."
  }

  validation {
    condition     = alltrue([for name in concat(coalesce(var.gtm.event_attributes, []), coalesce(var.gtm.event_metrics, []), coalesce(var.gtm.user_attributes, [])) : can(regex("^[A-Za-z0-9_.-]{1,50}$", name)) && !contains(["event", "endpoint_id", "token"], name)])
    error_message = "gtm.event_attributes, event_metrics and user_attributes must hold names of 1 to 50 letters, digits and _ . - only, without wildcards, and not event, endpoint_id or token, which the tag sends anyway. Rewrite or remove them."
  }

  validation {
    condition = alltrue(flatten([for field in ["event_attributes", "event_metrics", "user_attributes"] : [
      for name in coalesce(var.gtm[field], []) : anytrue([for pattern in local.gtm_patterns[field] : can(regex(pattern, name))])
    ]])) && !anytrue(flatten([for pattern in local.gtm_patterns.reserved_user_attributes : [for name in coalesce(var.gtm.user_attributes, []) : can(regex(pattern, name))]]))
    error_message = "gtm.event_attributes, event_metrics and user_attributes must hold only names that the pixel's own lists allow and that are not reserved: it would drop the others. user_attributes.authenticated counts with token only. Add them there, or remove them."
  }

  validation {
    condition     = alltrue([for type in var.gtm.consent_types : can(regex("^[a-z_]+$", type))]) && length(distinct(var.gtm.consent_types)) == length(var.gtm.consent_types)
    error_message = "gtm.consent_types must hold GTM's names of consent types, each once, for example [\"analytics_storage\"]. [] leaves the choice to GTM."
  }

  validation {
    condition     = can(regex("^[A-Za-z0-9_][A-Za-z0-9_ .|/-]{0,39}$", var.gtm.name_prefix))
    error_message = "gtm.name_prefix must be 1 to 40 letters, digits, spaces and _ . | / -, because GTM refuses names with : < > & quotes. Leave it out for \"Engagement - \"."
  }

  validation {
    condition     = contains(["wait", "drop", "no_user_attributes"], try(var.gtm.template.without_consent, "wait"))
    error_message = "gtm.template.without_consent must be \"wait\", \"drop\" or \"no_user_attributes\". Leave it out for wait."
  }

  validation {
    condition     = try(var.gtm.template, null) == null || length(setsubtract(var.gtm.consent_types, ["analytics_storage", "ad_storage", "ad_user_data", "ad_personalization", "functionality_storage", "personalization_storage", "security_storage"])) == 0
    error_message = "gtm.consent_types may hold only Google's own types with gtm.template, since its permissions name no other: analytics_storage, ad_storage, ad_user_data, ad_personalization, functionality_storage, personalization_storage and security_storage. Remove others, or leave gtm.template out."
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# Queue and consumer
# ---------------------------------------------------------------------------------------------------------------------

variable "queue" {
  type = object({
    max_receive_count          = optional(number, 20)
    visibility_timeout_seconds = optional(number)
    return_delay_seconds       = optional(number, 30)
    retention_seconds          = optional(number, 604800)
  })
  description = <<-EOT
    Ingest queue. The dead-letter queue and the rejects queue keep messages for 14 days.

    `max_receive_count`: deliveries before a message moves to the dead-letter queue; the default outlasts an outage of six hours.
    `visibility_timeout_seconds`: time until an unanswered message is delivered again, at least the function's timeout,
    at most 43200. null: 6 x `function.timeout_seconds` + `consumer.batching_window_seconds`, as AWS advises.
    `return_delay_seconds`: 1 to 720; first wait of a message that the function hands back. It doubles with each receive,
    up to 60 times itself.
    `retention_seconds`: 60 to 1209600. A message keeps its age in the dead-letter queue, so the default of 7 days leaves
    at least 7 more to look at it there.
  EOT
  default     = {}
  nullable    = false

  validation {
    condition     = var.queue.max_receive_count >= 1 && var.queue.max_receive_count <= 1000 && floor(var.queue.max_receive_count) == var.queue.max_receive_count
    error_message = "queue.max_receive_count must be a whole number from 1 to 1000. Leave it out for 20."
  }

  validation {
    condition     = var.queue.visibility_timeout_seconds == null ? true : var.queue.visibility_timeout_seconds >= var.function.timeout_seconds && var.queue.visibility_timeout_seconds <= 43200
    error_message = "queue.visibility_timeout_seconds must be from function.timeout_seconds to 43200; Lambda refuses a queue whose messages come back while they are worked on. Leave it out for the advised value."
  }

  validation {
    condition     = var.queue.return_delay_seconds >= 1 && var.queue.return_delay_seconds <= 720 && floor(var.queue.return_delay_seconds) == var.queue.return_delay_seconds
    error_message = "queue.return_delay_seconds must be a whole number from 1 to 720, because 60 times it must stay within the 12 hours of SQS. Leave it out for 30."
  }

  validation {
    condition     = var.queue.retention_seconds >= 60 && var.queue.retention_seconds <= 1209600
    error_message = "queue.retention_seconds must be from 60 to 1209600 (14 days). Leave it out for 7 days."
  }
}

variable "consumer" {
  type = object({
    batch_size              = optional(number, 1000)
    batching_window_seconds = optional(number, 5)
    maximum_concurrency     = optional(number, 2)
  })
  description = <<-EOT
    How the function reads the queue.

    `batch_size`: messages per invocation, 1 to 10000; Lambda's 6 MB cut it to some thousands.
    `batching_window_seconds`: how long a batch is collected, 0 to 300; this is the pixel's latency when traffic is low.
    `maximum_concurrency`: invocations at once, 2 to 1000. They share the destinations' rates.
  EOT
  default     = {}
  nullable    = false

  validation {
    condition     = var.consumer.batch_size >= 1 && var.consumer.batch_size <= 10000 && floor(var.consumer.batch_size) == var.consumer.batch_size
    error_message = "consumer.batch_size must be a whole number from 1 to 10000. Leave it out for 1000."
  }

  validation {
    condition     = var.consumer.batching_window_seconds >= 0 && var.consumer.batching_window_seconds <= 300 && floor(var.consumer.batching_window_seconds) == var.consumer.batching_window_seconds
    error_message = "consumer.batching_window_seconds must be a whole number from 0 to 300. Leave it out for 5."
  }

  validation {
    condition     = var.consumer.batch_size <= 10 || var.consumer.batching_window_seconds >= 1
    error_message = "consumer.batching_window_seconds must be at least 1 when consumer.batch_size is above 10, because Lambda says so. Raise the window or lower the batch size."
  }

  validation {
    condition     = var.consumer.maximum_concurrency >= 2 && var.consumer.maximum_concurrency <= 1000 && floor(var.consumer.maximum_concurrency) == var.consumer.maximum_concurrency
    error_message = "consumer.maximum_concurrency must be a whole number from 2 to 1000 (limits of Lambda). Leave it out for 2."
  }
}

variable "function" {
  type = object({
    runtime            = optional(string, "python3.13")
    architecture       = optional(string, "arm64")
    timeout_seconds    = optional(number, 120)
    memory_mb          = optional(number, 512)
    log_level          = optional(string, "INFO")
    log_retention_days = optional(number, 30)
  })
  description = <<-EOT
    The consumer function.

    `runtime`: `python3.13` or `python3.12`. `architecture`: `arm64` or `x86_64`.
    `timeout_seconds`: 30 to 900; the function stops starting requests 10 seconds before.
    `memory_mb`: 128 to 10240; CPU grows with it.
    `log_level`: DEBUG, INFO, WARNING or ERROR. `log_retention_days`: as CloudWatch Logs knows them.
  EOT
  default     = {}
  nullable    = false

  validation {
    condition     = contains(["python3.12", "python3.13"], var.function.runtime)
    error_message = "function.runtime must be \"python3.13\" or \"python3.12\", the versions that the package is tested with. Leave it out for python3.13."
  }

  validation {
    condition     = contains(["arm64", "x86_64"], var.function.architecture)
    error_message = "function.architecture must be \"arm64\" or \"x86_64\". The package runs on both; leave it out for arm64."
  }

  validation {
    condition     = var.function.timeout_seconds >= 30 && var.function.timeout_seconds <= 900 && floor(var.function.timeout_seconds) == var.function.timeout_seconds
    error_message = "function.timeout_seconds must be a whole number from 30 to 900. Leave it out for 120."
  }

  validation {
    condition     = var.function.memory_mb >= 128 && var.function.memory_mb <= 10240 && floor(var.function.memory_mb) == var.function.memory_mb
    error_message = "function.memory_mb must be a whole number from 128 to 10240. Leave it out for 512."
  }

  validation {
    condition     = contains(["DEBUG", "INFO", "WARNING", "ERROR"], var.function.log_level)
    error_message = "function.log_level must be DEBUG, INFO, WARNING or ERROR. Leave it out for INFO."
  }

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.function.log_retention_days)
    error_message = "function.log_retention_days must be a period of CloudWatch Logs: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653. Choose the nearest."
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# Alarms
# ---------------------------------------------------------------------------------------------------------------------

variable "alarms" {
  type = object({
    oldest_message_age_seconds = optional(number, 900)
    rejects_per_5_minutes      = optional(number, 10)
    api_errors_per_5_minutes   = optional(number, 5)
    refusals_per_5_minutes     = optional(number, 100)
    retries_per_5_minutes      = optional(number, 0)
    throttles_per_5_minutes    = optional(number, 50)
    bad_tokens_per_5_minutes   = optional(number, 50)
  })
  description = <<-EOT
    Thresholds: an alarm goes on above them. The dead-letter queue's and the function's alarms have none: one is enough.

    `oldest_message_age_seconds`: age of the oldest event that still waits. `rejects_per_5_minutes`: events that were
    refused; an open URL always has some. `api_errors_per_5_minutes`: calls that the API answered with a 5xx.
    `refusals_per_5_minutes`: calls that it answered with a 4xx, throttled ones too. `retries_per_5_minutes`: events that
    went back to the queue, alone or with their message; these two alarms go on when it happens in three of the last
    twelve periods. `throttles_per_5_minutes`: requests that Pinpoint throttled. `bad_tokens_per_5_minutes`: tokens that
    no key fits, or whose signature is wrong.
  EOT
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for value in values(var.alarms) : value >= 0])
    error_message = "alarms.oldest_message_age_seconds and alarms.*_per_5_minutes must be 0 or more. Leave one out for its default."
  }
}
