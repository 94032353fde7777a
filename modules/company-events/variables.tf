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
    Customer-managed key for the bus, the queues, the tables, the buckets, the event stream that is made, the functions'
    environments and the log groups. null: keys owned by AWS.

    Its key policy must let `logs.<region>.amazonaws.com` and `events.amazonaws.com` use it; the roles made here get the
    rights that they need.
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
  description = "Whether the functions and the state machine are traced with X-Ray (billed by trace)."
  default     = false
  nullable    = false
}

variable "destination" {
  type = object({
    pinpoint = optional(object({
      application_id = string
    }))
    connect = optional(object({
      domain_name          = string
      domain_arn           = string
      profile_attributes   = optional(list(string), [])
      update_profiles_rate = optional(number, 100)
      instance_id          = optional(string)
      campaign_flow_arn    = optional(string)
      senders = optional(object({
        email = optional(string)
        sms   = optional(string)
      }), {})
      templates = optional(map(object({
        arn               = string
        campaign_flow_arn = optional(string)
      })), {})
      campaign_create_rate = optional(number, 1)
    }))
    sends_by = optional(string)
  })
  description = <<-EOT
    The engagement services that receive stamps, one or both, and the one of them that sends the messages.

    `pinpoint.application_id`: the project's ID, 32 hexadecimal digits, in the same account and Region.
    `connect`: the output `destination` of `modules/connect-destination`, with this environment's share of the account's
    quotas if others use them too: `update_profiles_rate`, SearchProfiles and UpdateProfile calls per second each, 100 per
    account and Region; `campaign_create_rate`, campaigns per second, 1 per account and Region (quotas, 2026). If it sends,
    `instance_id`, `templates` with a campaign flow each and a sender are required. Lambda's 4 KB of environment hold a
    dozen templates with a flow each, or two dozen with `connect.campaign_flow_arn`, if they and their flows are of one
    knowledge base and one instance; the plan says when they do not fit.
    `sends_by`: `pinpoint` or `connect`; required with both. A run keeps the one with which it began.
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
    condition     = var.destination.sends_by == null ? true : contains([for name, settings in { pinpoint = var.destination.pinpoint != null, connect = var.destination.connect != null } : name if settings], var.destination.sends_by)
    error_message = "destination.sends_by must be \"pinpoint\" or \"connect\", and that destination must be given. Set the destination too, or leave sends_by out with only one."
  }

  validation {
    condition     = var.destination.pinpoint == null || var.destination.connect == null || var.destination.sends_by != null
    error_message = "destination.sends_by is required with both destinations, because a customer must get each message once. Set \"pinpoint\" or \"connect\"."
  }

  validation {
    condition     = try(var.destination.connect.update_profiles_rate, 100) > 0 && try(var.destination.connect.update_profiles_rate, 100) <= 10000
    error_message = "destination.connect.update_profiles_rate must be above 0 and at most 10000 calls per second. Use the account's quota minus what others use; the quota is 100 unless AWS raised it."
  }

  validation {
    condition     = try(var.destination.connect.campaign_create_rate, 1) > 0 && try(var.destination.connect.campaign_create_rate, 1) <= 100
    error_message = "destination.connect.campaign_create_rate must be above 0 and at most 100 campaigns per second. Use the account's quota minus what others use; the quota is 1 unless AWS raised it."
  }

  validation {
    condition     = coalesce(var.destination.sends_by, var.destination.pinpoint == null ? "connect" : "pinpoint") == "pinpoint" || try(var.destination.connect.instance_id, null) != null
    error_message = "destination.connect.instance_id is required when Connect sends, because campaigns belong to an instance. Set it, or let destination.sends_by be pinpoint."
  }

  validation {
    condition     = coalesce(var.destination.sends_by, var.destination.pinpoint == null ? "connect" : "pinpoint") == "pinpoint" || try(length(var.destination.connect.templates), 0) > 0
    error_message = "destination.connect.templates must name the templates of plans when Connect sends, because its campaigns have no wording of their own. Make them in Q in Connect and list them, or let destination.sends_by be pinpoint."
  }

  validation {
    condition     = coalesce(var.destination.sends_by, var.destination.pinpoint == null ? "connect" : "pinpoint") == "pinpoint" || try(alltrue([for template in values(var.destination.connect.templates) : template.campaign_flow_arn != null || var.destination.connect.campaign_flow_arn != null]), true)
    error_message = "destination.connect.templates must have a campaign_flow_arn each, or destination.connect.campaign_flow_arn must be set, because a campaign walks through a flow. Publish a version of a flow of type CAMPAIGN and set it."
  }

  validation {
    condition     = coalesce(var.destination.sends_by, var.destination.pinpoint == null ? "connect" : "pinpoint") == "pinpoint" || try(var.destination.connect.senders.email, null) != null || try(var.destination.connect.senders.sms, null) != null
    error_message = "destination.connect.senders must have email or sms when Connect sends. Set an address of the instance or the ARN of a phone number."
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
    Zips of functions and layer in S3 instead of the ones in this repository's `dist/`. null: `dist/`.

    `s3_bucket`: bucket in the functions' Region. `function_key`, `layer_key`: keys of the two zips.
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
# Bus
# ---------------------------------------------------------------------------------------------------------------------

variable "bus" {
  type = object({
    existing                = optional(object({ name = string }))
    source_accounts         = optional(list(string), [])
    source_organization_ids = optional(list(string), [])
    sources                 = optional(list(string), [])
  })
  description = <<-EOT
    The event bus on which company events arrive.

    `existing.name`: a bus of this account and Region, for example `default`. An object, so that the bus may be made in
    the same apply. null: a bus is made.
    `source_accounts`: other accounts (12 digits) whose principals may put events on the bus that is made; they need the
    right in their own policies too (output `producer_policy_json`). `source_organization_ids`: the same for all accounts
    of an organisation. Who may put events may also stop runs.
    `sources`: values of `source` that are taken, exactly as producers write them. Empty: any.
  EOT
  default     = {}
  nullable    = false

  validation {
    condition     = var.bus.existing == null ? true : can(regex("^[A-Za-z0-9._/-]{1,256}$", var.bus.existing.name))
    error_message = "bus.existing.name must be the name of an event bus, not its ARN. Take the bus's name, or leave bus.existing out for a bus of its own."
  }

  validation {
    condition     = var.bus.existing == null || length(var.bus.source_accounts) + length(var.bus.source_organization_ids) == 0
    error_message = "bus.source_accounts and bus.source_organization_ids must be empty with bus.existing, because a bus has one policy, which belongs to whoever made the bus. Allow them there."
  }

  validation {
    condition     = alltrue([for account in var.bus.source_accounts : can(regex("^[0-9]{12}$", account))])
    error_message = "bus.source_accounts must hold accounts, 12 digits each. Write the number of each account as a text."
  }

  validation {
    condition     = alltrue([for organization in var.bus.source_organization_ids : can(regex("^o-[a-z0-9]{10,32}$", organization))])
    error_message = "bus.source_organization_ids must hold IDs of organisations, such as o-a1b2c3d4e5. Take the id of AWS Organizations' settings."
  }

  validation {
    condition     = alltrue([for source in var.bus.sources : length(trimspace(source)) > 0 && !startswith(source, "aws.")])
    error_message = "bus.sources must hold no empty text and none that begins with aws., since only AWS may send those. [] takes every source."
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# Plans
# ---------------------------------------------------------------------------------------------------------------------

variable "plans" {
  type        = map(string)
  description = <<-EOT
    Plans as JSON texts by the name of their event, for example `{ outage = file("plans/outage.json") }`. `docs/plans.md`
    says how one is written.

    They are checked by the function that runs use, and uploaded as `defaults/<event>.json` if all are right. A file of
    the same name under `plans/` in the bucket, which Terraform never touches, takes a plan's place.
  EOT
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for event in keys(var.plans) : can(regex("^[A-Za-z][A-Za-z0-9_.-]{0,63}$", event))])
    error_message = "plans must have names of events as keys: a letter, then letters, digits and _ . -, at most 64 characters. Rewrite the key as the plan's event."
  }

  validation {
    condition     = alltrue([for event, text in var.plans : can(jsondecode(text).event) ? jsondecode(text).event == event : false])
    error_message = "plans must hold JSON texts whose field event is their key. Give the file's text with file(), under the name that it says in event."
  }
}

variable "schedules" {
  type = map(object({
    plan       = string
    expression = string
    timezone   = optional(string, "UTC")
  }))
  description = <<-EOT
    Recurring starts of plans, by a name of yours. A plan with `orchestrator: schedule` and a moment needs none.

    `plan`: the plan's event; it may be one that only marketers keep. `expression`: `cron(...)`, `rate(...)` or `at(...)`
    of EventBridge Scheduler. `timezone`: the time zone in which it holds, such as `Europe/Berlin`.
    Each planned time is one run, which has no event's values: the plan may use none.
  EOT
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for name in keys(var.schedules) : can(regex("^[A-Za-z0-9_.-]{1,58}$", name))])
    error_message = "schedules must have keys of 1 to 58 letters, digits and _ . -, because they are parts of names. Rewrite the key."
  }

  validation {
    condition     = alltrue([for schedule in values(var.schedules) : can(regex("^[A-Za-z][A-Za-z0-9_.-]{0,63}$", schedule.plan))])
    error_message = "schedules.plan must be the name of a plan's event: a letter, then letters, digits and _ . -, at most 64 characters. Write it as the plan does."
  }

  validation {
    condition     = alltrue([for schedule in values(var.schedules) : can(regex("^(cron|rate|at)\\(.+\\)$", schedule.expression))])
    error_message = "schedules.expression must be cron(...), rate(...) or at(...) as EventBridge Scheduler knows them. Write for example cron(0 9 ? * MON *)."
  }

  validation {
    condition     = alltrue([for schedule in values(var.schedules) : can(regex("^[A-Za-z0-9_+/-]{1,50}$", schedule.timezone))])
    error_message = "schedules.timezone must be a name of the IANA time zone database, such as Europe/Berlin. Leave it out for UTC."
  }
}

variable "custom_channels" {
  type = map(object({
    function_arn = string
    grant        = optional(bool, true)
  }))
  description = <<-EOT
    Functions that plans may send to, by the name that plans write as `custom_channel`. A plan reaches no other.

    `function_arn`: ARN without version or alias, in this Region. `grant`: whether Pinpoint gets the right to call it, for
    this project and account only; false if its owner gives it, for example in another account.
  EOT
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for channel in keys(var.custom_channels) : can(regex("^[A-Za-z0-9_-]{1,50}$", channel))])
    error_message = "custom_channels must have keys of 1 to 50 letters, digits, hyphens and underscores, because they are parts of names. Rewrite the key."
  }

  validation {
    condition     = alltrue([for channel in values(var.custom_channels) : can(regex("^arn:[a-z-]+:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]+$", channel.function_arn))])
    error_message = "custom_channels.function_arn must be the ARN of a Lambda function without version or alias (arn:aws:lambda:<region>:<account>:function:<name>). Take the function's arn."
  }
}

variable "allowed_senders" {
  type        = list(string)
  description = "E-mail addresses, phone numbers and sender IDs that plans may name as `sender`. Without one, the project's own are used."
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for sender in var.allowed_senders : length(trimspace(sender)) > 0])
    error_message = "allowed_senders must hold no empty text. [] leaves plans the project's own senders."
  }
}

variable "reserved_user_attributes" {
  type        = list(string)
  description = "Globs of user attributes that no plan may stamp or select by. `engagement_*` is always reserved."
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for glob in var.reserved_user_attributes : length(trimspace(glob)) > 0])
    error_message = "reserved_user_attributes must hold no empty glob. [] reserves only engagement_*."
  }
}

variable "reserved_active_campaigns" {
  type        = number
  description = "Active campaigns, of the 200 of an account and Region, that belong to others: other projects, other environments, marketers by hand."
  default     = 0
  nullable    = false

  validation {
    condition     = var.reserved_active_campaigns >= 0 && var.reserved_active_campaigns <= 199 && floor(var.reserved_active_campaigns) == var.reserved_active_campaigns
    error_message = "reserved_active_campaigns must be a whole number from 0 to 199, because an account has 200. Leave it out for 0."
  }
}

variable "start_lead_seconds" {
  type        = number
  description = "How long before its start a campaign is made, 60 to 3600: time in which one that was made twice is found and deleted."
  default     = 180
  nullable    = false

  validation {
    condition     = var.start_lead_seconds >= 60 && var.start_lead_seconds <= 3600 && floor(var.start_lead_seconds) == var.start_lead_seconds
    error_message = "start_lead_seconds must be a whole number from 60 to 3600. Leave it out for 180."
  }
}

variable "pinpoint_source_arn" {
  type        = string
  description = "Pattern of what may call the stamp hook, the filter, the journey function and custom channels, as Pinpoint names it. null: anything of the project, `arn:<partition>:mobiletargeting:<region>:<account>:apps/<project ID>/*`."
  default     = null

  validation {
    condition     = var.pinpoint_source_arn == null ? true : can(regex("^arn:[a-z-]+:mobiletargeting:[a-z0-9-]+:[0-9]{12}:/?apps/[0-9a-f]{32}.*$", var.pinpoint_source_arn))
    error_message = "pinpoint_source_arn must be the ARN of one project or of what is in it, with wildcards after its ID only (arn:aws:mobiletargeting:<region>:<account>:apps/<project ID>/*). Leave it out for anything of the project."
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# Runs
# ---------------------------------------------------------------------------------------------------------------------

variable "runs" {
  type = object({
    require_event_id = optional(bool, true)
    retention_days   = optional(number, 400)
    maximum_audience = optional(number)
    settle_seconds   = optional(number, 60)
    overdue_seconds  = optional(number, 3600)
  })
  description = <<-EOT
    How runs are kept and held back.

    `require_event_id`: refuses an event without `detail.event_id`. false: EventBridge's own id takes its place, which
    differs each time that a producer sends the same event again.
    `retention_days`: 1 to 3650; how long the ledger knows a run, so that its event starts no second one, and the bucket
    the version of its plan. A run may wait for 365 days: less only if none of yours does.
    `maximum_audience`: endpoints that one audience may have; it is counted by an export, which takes minutes for each.
    null: any number, and nothing is counted.
    `settle_seconds`: 1 to 600; how long after an unclear answer Pinpoint is asked what it made.
    `overdue_seconds`: 60 to 604800; after how long a step that does not end alarms.
  EOT
  default     = {}
  nullable    = false

  validation {
    condition     = var.runs.retention_days >= 1 && var.runs.retention_days <= 3650 && floor(var.runs.retention_days) == var.runs.retention_days
    error_message = "runs.retention_days must be a whole number from 1 to 3650. Leave it out for 400, which outlasts the longest plan."
  }

  validation {
    condition     = var.runs.maximum_audience == null ? true : var.runs.maximum_audience >= 1 && floor(var.runs.maximum_audience) == var.runs.maximum_audience
    error_message = "runs.maximum_audience must be a whole number from 1. Leave it out for audiences of any size."
  }

  validation {
    condition     = var.runs.settle_seconds >= 1 && var.runs.settle_seconds <= 600 && floor(var.runs.settle_seconds) == var.runs.settle_seconds
    error_message = "runs.settle_seconds must be a whole number from 1 to 600. Leave it out for 60."
  }

  validation {
    condition     = var.runs.settle_seconds < var.start_lead_seconds
    error_message = "runs.settle_seconds must be below start_lead_seconds, so that a campaign that was made twice is found before it starts. Raise start_lead_seconds, or lower it."
  }

  validation {
    condition     = var.runs.overdue_seconds >= 60 && var.runs.overdue_seconds <= 604800 && floor(var.runs.overdue_seconds) == var.runs.overdue_seconds
    error_message = "runs.overdue_seconds must be a whole number from 60 to 604800 (7 days). Leave it out for 3600."
  }
}

variable "journeys" {
  type = object({
    settle_seconds        = optional(number, 60)
    call_timeout_seconds  = optional(number, 600)
    live_after_seconds    = optional(number, 360)
    activities            = optional(number, 40)
    shortest_wait_seconds = optional(number, 3600)
  })
  description = <<-EOT
    Plans that a journey of Pinpoint orchestrates.

    `settle_seconds`: 1 to 900; how long a run's own company endpoint may stay hidden from segments before its event is
    sent. AWS publishes no figure; too short a time costs a second try, not the run.
    `call_timeout_seconds`: 20 to 86400; how long a journey's call is awaited. After that the event is sent once more, then
    the state machine goes on without the journey, and an alarm says so.
    `live_after_seconds`: 1 to 3600; from when on new runs enter a new version of a journey. Pinpoint lets nobody in for
    five minutes after a journey was published.
    `activities`, `shortest_wait_seconds`: what a journey can carry; a plan beyond is refused, or walked by the state
    machine if it says `otherwise`. 40 is Pinpoint's quota, which AWS can raise; an hour is what its console allows.
  EOT
  default     = {}
  nullable    = false

  validation {
    condition     = var.journeys.settle_seconds >= 1 && var.journeys.settle_seconds <= 900 && floor(var.journeys.settle_seconds) == var.journeys.settle_seconds
    error_message = "journeys.settle_seconds must be a whole number from 1 to 900. Leave it out for 60."
  }

  validation {
    condition     = var.journeys.call_timeout_seconds >= 20 && var.journeys.call_timeout_seconds <= 86400 && floor(var.journeys.call_timeout_seconds) == var.journeys.call_timeout_seconds
    error_message = "journeys.call_timeout_seconds must be a whole number from 20 to 86400. Leave it out for 600."
  }

  validation {
    condition     = var.journeys.live_after_seconds >= 1 && var.journeys.live_after_seconds <= 3600 && floor(var.journeys.live_after_seconds) == var.journeys.live_after_seconds
    error_message = "journeys.live_after_seconds must be a whole number from 1 to 3600. Leave it out for 360, a minute more than Pinpoint takes."
  }

  validation {
    condition     = var.journeys.activities >= 1 && var.journeys.activities <= 1000 && floor(var.journeys.activities) == var.journeys.activities
    error_message = "journeys.activities must be a whole number from 1 to 1000. Leave it out for 40, or write what AWS has granted."
  }

  validation {
    condition     = var.journeys.shortest_wait_seconds >= 0 && floor(var.journeys.shortest_wait_seconds) == var.journeys.shortest_wait_seconds
    error_message = "journeys.shortest_wait_seconds must be a whole number from 0. Leave it out for 3600."
  }
}

variable "rates" {
  type = object({
    segment_creates_per_second  = optional(number, 20)
    campaign_creates_per_second = optional(number, 20)
    endpoint_batches_per_second = optional(number, 1.5)
  })
  description = <<-EOT
    Requests per second that this environment may send: Pinpoint's quotas hold for the account and Region, so subtract
    what other environments and projects use.

    `segment_creates_per_second`, `campaign_creates_per_second`: quota 25 each.
    `endpoint_batches_per_second`: UpdateEndpointsBatch with up to 100 endpoints each, quota 2: 1.5 stamps 150 endpoints
    per second at most.
  EOT
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for rate in values(var.rates) : rate > 0 && rate <= 1000])
    error_message = "rates.segment_creates_per_second, rates.campaign_creates_per_second and rates.endpoint_batches_per_second must be above 0 and at most 1000. Use the account's quotas minus what others use."
  }
}

variable "interactions" {
  type = object({
    existing_stream  = optional(object({ arn = string }))
    max_wait_seconds = optional(number, 600)
    retention_days   = optional(number, 400)
  })
  description = <<-EOT
    Recording of what customers do with messages, for `only` and `unless` in plans and for `make run-show`. null: nothing
    is recorded, and a plan with either is refused.

    `existing_stream.arn`: Kinesis data stream to which the project sends its events, or shall send them if it has no
    event stream yet; in this Region. An object, so that it may be made in the same apply. null: a stream on demand is
    made. A project has one event stream: if it has another one, apply fails and says which.
    `max_wait_seconds`: 10 to 86400; how long a step waits for the recorder to be up to date before it goes on and says
    that it was not.
    `retention_days`: 1 to 3650; how long the table keeps what an endpoint did, after it did something for the last time.
    It must outlast every wait between a step and one that goes by it.
  EOT
  default     = null

  validation {
    condition     = var.interactions == null || var.destination.pinpoint != null
    error_message = "interactions must be null without Pinpoint, because they are read from a project's event stream, and campaigns of Connect ask no function whom to leave out. Remove it, and select by profile attributes instead."
  }

  validation {
    condition     = try(var.interactions.existing_stream, null) == null ? true : can(regex("^arn:[a-z-]+:kinesis:[a-z0-9-]+:[0-9]{12}:stream/[A-Za-z0-9_.-]{1,128}$", var.interactions.existing_stream.arn))
    error_message = "interactions.existing_stream.arn must be the ARN of a Kinesis data stream (arn:aws:kinesis:<region>:<account>:stream/<name>); a Firehose stream cannot be read. Leave existing_stream out for a stream of its own."
  }

  validation {
    condition     = var.interactions == null ? true : var.interactions.max_wait_seconds >= 10 && var.interactions.max_wait_seconds <= 86400 && floor(var.interactions.max_wait_seconds) == var.interactions.max_wait_seconds
    error_message = "interactions.max_wait_seconds must be a whole number from 10 to 86400 (a day). Leave it out for 600."
  }

  validation {
    condition     = var.interactions == null ? true : var.interactions.retention_days >= 1 && var.interactions.retention_days <= 3650 && floor(var.interactions.retention_days) == var.interactions.retention_days
    error_message = "interactions.retention_days must be a whole number from 1 to 3650. Leave it out for 400, which outlasts the longest plan."
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# Queues and functions
# ---------------------------------------------------------------------------------------------------------------------

variable "queues" {
  type = object({
    max_receive_count = optional(number, 20)
    retention_seconds = optional(number, 604800)
  })
  description = <<-EOT
    The events queue and the stamp queue. Their dead-letter queues keep messages for 14 days.

    `max_receive_count`: deliveries, 1 to 1000, before a message moves to the dead-letter queue.
    `retention_seconds`: 60 to 1209600. A message keeps its age in the dead-letter queue, so the default of 7 days leaves
    at least 7 more to look at it there.
  EOT
  default     = {}
  nullable    = false

  validation {
    condition     = var.queues.max_receive_count >= 1 && var.queues.max_receive_count <= 1000 && floor(var.queues.max_receive_count) == var.queues.max_receive_count
    error_message = "queues.max_receive_count must be a whole number from 1 to 1000. Leave it out for 20."
  }

  validation {
    condition     = var.queues.retention_seconds >= 60 && var.queues.retention_seconds <= 1209600
    error_message = "queues.retention_seconds must be from 60 to 1209600 (14 days). Leave it out for 7 days."
  }
}

variable "stamper" {
  type = object({
    batch_size              = optional(number, 100)
    batching_window_seconds = optional(number, 1)
    maximum_concurrency     = optional(number, 2)
  })
  description = <<-EOT
    How the stamper reads its queue.

    `batch_size`: messages per invocation, 1 to 1000, with up to 50 endpoints each; those of one step share requests.
    `batching_window_seconds`: how long a batch is collected, 0 to 300.
    `maximum_concurrency`: invocations at once, 2 to 1000. They share `rates.endpoint_batches_per_second`.
  EOT
  default     = {}
  nullable    = false

  validation {
    condition     = var.stamper.batch_size >= 1 && var.stamper.batch_size <= 1000 && floor(var.stamper.batch_size) == var.stamper.batch_size
    error_message = "stamper.batch_size must be a whole number from 1 to 1000. Leave it out for 100."
  }

  validation {
    condition     = var.stamper.batching_window_seconds >= 0 && var.stamper.batching_window_seconds <= 300 && floor(var.stamper.batching_window_seconds) == var.stamper.batching_window_seconds
    error_message = "stamper.batching_window_seconds must be a whole number from 0 to 300. Leave it out for 1."
  }

  validation {
    condition     = var.stamper.batch_size <= 10 || var.stamper.batching_window_seconds >= 1
    error_message = "stamper.batching_window_seconds must be at least 1 when stamper.batch_size is above 10, because Lambda says so. Raise the window or lower the batch size."
  }

  validation {
    condition     = var.stamper.maximum_concurrency >= 2 && var.stamper.maximum_concurrency <= 1000 && floor(var.stamper.maximum_concurrency) == var.stamper.maximum_concurrency
    error_message = "stamper.maximum_concurrency must be a whole number from 2 to 1000 (limits of Lambda). Leave it out for 2."
  }
}

variable "function" {
  type = object({
    runtime      = optional(string, "python3.13")
    architecture = optional(string, "arm64")
    timeout_seconds = optional(object({
      announcer = optional(number, 60)
      step      = optional(number, 300)
      stamper   = optional(number, 120)
      plans     = optional(number, 60)
    }), {})
    memory_mb          = optional(number, 512)
    log_level          = optional(string, "INFO")
    log_retention_days = optional(number, 30)
  })
  description = <<-EOT
    The functions.

    `runtime`: `python3.13` or `python3.12`. `architecture`: `arm64` or `x86_64`.
    `timeout_seconds`: by function, 10 to 900; `step` to 450, because the state machine tries again for little longer
    than three hours. Messages are delivered again after six times that. The stamp hook, the filter and the
    journey function have 14 seconds, since Pinpoint waits for 15; the recorder has 60.
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
    condition     = alltrue([for seconds in values(var.function.timeout_seconds) : seconds >= 10 && seconds <= 900 && floor(seconds) == seconds]) && var.function.timeout_seconds.step <= 450
    error_message = "function.timeout_seconds must hold whole numbers from 10 to 900, and at most 450 for step. Leave them out for 60 (announcer, plans), 300 (step) and 120 (stamper)."
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

variable "force_destroy" {
  type        = bool
  description = "Whether destroying the module deletes a plan bucket with files that marketers put there, and cuts off runs that are under way. false: it fails, and they stay."
  default     = false
  nullable    = false
}

# ---------------------------------------------------------------------------------------------------------------------
# Alarms
# ---------------------------------------------------------------------------------------------------------------------

variable "alarms" {
  type = object({
    oldest_event_age_seconds = optional(number, 900)
  })
  description = <<-EOT
    Thresholds: an alarm goes on above them. The others have none: one is enough.

    `oldest_event_age_seconds`: age of the oldest company event that still waits for its run.
  EOT
  default     = {}
  nullable    = false

  validation {
    condition     = var.alarms.oldest_event_age_seconds >= 0
    error_message = "alarms.oldest_event_age_seconds must be 0 or more. Leave it out for 900."
  }
}
