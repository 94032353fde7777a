___TERMS_OF_SERVICE___

By creating or modifying this file you agree to Google Tag Manager's Community
Template Gallery Developer Terms of Service available at
https://developers.google.com/tag-manager/gallery-tos (or such other URL as
Google may provide), as modified from time to time.


___INFO___

{
  "type": "TAG",
  "id": "cvt_temp_public_id",
  "version": 1,
  "securityGroups": [],
  "displayName": "Customer engagement pixel",
  "categories": [
    "ANALYTICS",
    "MARKETING"
  ],
  "brand": {
    "id": "brand_dummy",
    "displayName": ""
  },
  "description": "Sends an event, and customer attributes where your pixel allows them, to the engagement pixel of your own AWS account.",
  "containerContexts": [
    "WEB"
  ]
}


___TEMPLATE_PARAMETERS___

[
  {
    "type": "TEXT",
    "name": "url",
    "displayName": "Pixel URL",
    "simpleValueType": true,
    "help": "Terraform's output pixel.url; it ends in /events. A host name of your own must also be listed under Permissions.",
    "valueValidators": [
      {
        "type": "NON_EMPTY"
      }
    ]
  },
  {
    "type": "TEXT",
    "name": "event",
    "displayName": "Event",
    "simpleValueType": true,
    "help": "Usually the built-in variable Event.",
    "valueValidators": [
      {
        "type": "NON_EMPTY"
      }
    ]
  },
  {
    "type": "TEXT",
    "name": "endpointId",
    "displayName": "Endpoint ID",
    "simpleValueType": true,
    "help": "The visitor's ID, which your site pushes to the data layer: opaque, never an e-mail address. Without one the tag fails.",
    "valueValidators": [
      {
        "type": "NON_EMPTY"
      }
    ]
  },
  {
    "type": "SIMPLE_TABLE",
    "name": "eventAttributes",
    "displayName": "Event attributes",
    "simpleTableColumns": [
      {
        "type": "TEXT",
        "name": "name",
        "displayName": "Name",
        "defaultValue": "",
        "isUnique": true,
        "valueValidators": [
          {
            "type": "NON_EMPTY"
          }
        ]
      },
      {
        "type": "TEXT",
        "name": "value",
        "displayName": "Value",
        "defaultValue": ""
      }
    ],
    "newRowButtonText": "Add event attribute"
  },
  {
    "type": "SIMPLE_TABLE",
    "name": "eventMetrics",
    "displayName": "Event metrics (numbers)",
    "simpleTableColumns": [
      {
        "type": "TEXT",
        "name": "name",
        "displayName": "Name",
        "defaultValue": "",
        "isUnique": true,
        "valueValidators": [
          {
            "type": "NON_EMPTY"
          }
        ]
      },
      {
        "type": "TEXT",
        "name": "value",
        "displayName": "Value",
        "defaultValue": ""
      }
    ],
    "newRowButtonText": "Add event metric"
  },
  {
    "type": "SIMPLE_TABLE",
    "name": "userAttributes",
    "displayName": "User attributes",
    "simpleTableColumns": [
      {
        "type": "TEXT",
        "name": "name",
        "displayName": "Name",
        "defaultValue": "",
        "isUnique": true,
        "valueValidators": [
          {
            "type": "NON_EMPTY"
          }
        ]
      },
      {
        "type": "TEXT",
        "name": "value",
        "displayName": "Value",
        "defaultValue": ""
      }
    ],
    "newRowButtonText": "Add user attribute"
  },
  {
    "type": "GROUP",
    "name": "consent",
    "displayName": "Consent",
    "groupStyle": "ZIPPY_OPEN",
    "subParams": [
      {
        "type": "SIMPLE_TABLE",
        "name": "consentTypes",
        "displayName": "Needs consent to",
        "simpleTableColumns": [
          {
            "type": "SELECT",
            "name": "type",
            "displayName": "Type of consent",
            "selectItems": [
              {
                "value": "analytics_storage",
                "displayValue": "analytics_storage"
              },
              {
                "value": "ad_storage",
                "displayValue": "ad_storage"
              },
              {
                "value": "ad_user_data",
                "displayValue": "ad_user_data"
              },
              {
                "value": "ad_personalization",
                "displayValue": "ad_personalization"
              },
              {
                "value": "functionality_storage",
                "displayValue": "functionality_storage"
              },
              {
                "value": "personalization_storage",
                "displayValue": "personalization_storage"
              },
              {
                "value": "security_storage",
                "displayValue": "security_storage"
              }
            ],
            "isUnique": true
          }
        ],
        "newRowButtonText": "Add type of consent",
        "help": "Google counts a type that nobody has set as granted: let your banner set defaults."
      },
      {
        "type": "SELECT",
        "name": "withoutConsent",
        "displayName": "Until then",
        "macrosInSelect": false,
        "selectItems": [
          {
            "value": "wait",
            "displayValue": "wait, and send it when consent is given on this page"
          },
          {
            "value": "drop",
            "displayValue": "drop the event"
          },
          {
            "value": "no_user_attributes",
            "displayValue": "send it without user attributes and token"
          }
        ],
        "simpleValueType": true,
        "defaultValue": "wait"
      }
    ]
  },
  {
    "type": "GROUP",
    "name": "more",
    "displayName": "More",
    "groupStyle": "ZIPPY_CLOSED",
    "subParams": [
      {
        "type": "TEXT",
        "name": "token",
        "displayName": "Token of the customer who is logged in",
        "simpleValueType": true,
        "help": "Minted by your backend; opens the user attributes for customers who are logged in."
      },
      {
        "type": "TEXT",
        "name": "timestamp",
        "displayName": "Time of the event in Unix milliseconds",
        "simpleValueType": true,
        "help": "At most 24 hours ago. Empty: the time of the call."
      },
      {
        "type": "TEXT",
        "name": "eventId",
        "displayName": "Event ID",
        "simpleValueType": true,
        "help": "1 to 64 letters, digits and _ . : - only. The same ID with the same content counts once."
      }
    ]
  }
]


___SANDBOXED_JS_FOR_WEB_TEMPLATE___

const addConsentListener = require('addConsentListener');
const encodeUriComponent = require('encodeUriComponent');
const generateRandom = require('generateRandom');
const getTimestampMillis = require('getTimestampMillis');
const isConsentGranted = require('isConsentGranted');
const logToConsole = require('logToConsole');
const makeString = require('makeString');
const queryPermission = require('queryPermission');
const sendPixel = require('sendPixel');

// API Gateway takes 10,240 bytes of request line and headers together, and a page cannot see that it refused more.
const LONGEST_URL = 8000;
// The pixel cuts longer values of event attributes.
const LONGEST_ATTRIBUTE = 200;
const NO_VALUE = ['', 'undefined', 'null', 'NaN', '[object Object]'];

const log = (message, details) => {
  // Only the preview may log.
  if (queryPermission('logging')) {
    logToConsole('Customer engagement pixel: ' + message, details || '');
  }
};

// The text of a value, or nothing.
const textOf = (value) => {
  const text = makeString(value);
  return NO_VALUE.indexOf(text.trim()) === -1 ? text : undefined;
};

const parameterOf = (name, value, rank) => {
  const text = textOf(value);
  // A text with half of a surrogate pair cannot be encoded.
  const encoded = text === undefined ? undefined : encodeUriComponent(text);
  const key = encodeUriComponent(name);
  return key && encoded ? [{name: name, text: key + '=' + encoded, rank: rank}] : [];
};

const cut = (value) => {
  const text = textOf(value);
  if (text === undefined || text.length <= LONGEST_ATTRIBUTE) {
    return text;
  }
  // Never half of a surrogate pair.
  const short = text.slice(0, LONGEST_ATTRIBUTE);
  return encodeUriComponent(short) === undefined ? text.slice(0, LONGEST_ATTRIBUTE - 1) : short;
};

// rank: what a URL that is too long loses first; 0 is never lost.
const rowsOf = (table, prefix, rank) => (table || []).reduce((found, row) => {
  const value = rank === 1 ? cut(row.value) : row.value;
  return textOf(row.name) === undefined ? found : found.concat(parameterOf(prefix + row.name, value, rank));
}, []);

const urlOf = (parameters) => {
  const separator = data.url.indexOf('?') === -1 ? '?' : '&';
  return data.url + separator + parameters.map((parameter) => parameter.text).join('&');
};

const worse = (one, other) => one.rank < other.rank || (one.rank === other.rank && one.text.length >= other.text.length);

const shortened = (parameters) => {
  const kept = parameters.slice();
  const dropped = [];
  while (urlOf(kept).length > LONGEST_URL) {
    const droppable = kept.filter((parameter) => parameter.rank > 0);
    if (droppable.length === 0) {
      break;
    }
    const victim = droppable.reduce((one, other) => worse(one, other) ? one : other);
    kept.splice(kept.indexOf(victim), 1);
    dropped.push(victim.name);
  }
  if (dropped.length > 0) {
    log('the URL was too long and lost', dropped);
  }
  return kept;
};

const send = (timestamp, withUser, onSuccess, onFailure) => {
  const endpointId = parameterOf('endpoint_id', data.endpointId, 0);
  const event = parameterOf('event', data.event, 0);
  if (endpointId.length === 0 || event.length === 0 || textOf(data.url) === undefined) {
    log('the URL, the event or the endpoint ID is missing; nothing was sent');
    onFailure();
    return;
  }
  const url = urlOf(shortened(event.concat(
    endpointId,
    withUser ? parameterOf('token', data.token, 0) : [],
    parameterOf('ts', timestamp, 0),
    parameterOf('event_id', data.eventId, 0),
    withUser ? rowsOf(data.userAttributes, 'usat_', 3) : [],
    rowsOf(data.eventMetrics, 'evme_', 2),
    rowsOf(data.eventAttributes, 'evat_', 1),
    parameterOf('gtmcb', generateRandom(0, 2147483647), 0)
  )));
  if (url.length > LONGEST_URL) {
    log('the URL is too long even without attributes; nothing was sent');
    onFailure();
    return;
  }
  sendPixel(url, onSuccess, () => {
    log('the event was not queued');
    onFailure();
  });
};

const consentTypes = (data.consentTypes || []).map((row) => row.type);
const isAllowed = () => consentTypes.every((type) => isConsentGranted(type));

if (isAllowed()) {
  send(data.timestamp, true, data.gtmOnSuccess, data.gtmOnFailure);
} else if (data.withoutConsent === 'no_user_attributes') {
  log('without consent: no user attributes and no token');
  send(data.timestamp, false, data.gtmOnSuccess, data.gtmOnFailure);
} else if (data.withoutConsent === 'drop') {
  log('without consent: the event is dropped');
  data.gtmOnSuccess();
} else {
  log('without consent: the event waits');
  const happened = textOf(data.timestamp) || getTimestampMillis();
  let waits = true;
  consentTypes.forEach((type) => addConsentListener(type, () => {
    if (waits && isAllowed()) {
      waits = false;
      send(happened, true, () => {}, () => {});
    }
  }));
  // A tag that never ends would hold back links and the tags that follow it.
  data.gtmOnSuccess();
}


___WEB_PERMISSIONS___

[
  {
    "instance": {
      "key": {
        "publicId": "send_pixel",
        "versionId": "1"
      },
      "param": [
        {
          "key": "allowedUrls",
          "value": {
            "type": 1,
            "string": "specific"
          }
        },
        {
          "key": "urls",
          "value": {
            "type": 2,
            "listItem": [
              {
                "type": 1,
                "string": "https://*.amazonaws.com/*"
              }
            ]
          }
        }
      ]
    },
    "clientAnnotations": {
      "isEditedByUser": true
    },
    "isRequired": true
  },
  {
    "instance": {
      "key": {
        "publicId": "access_consent",
        "versionId": "1"
      },
      "param": [
        {
          "key": "consentTypes",
          "value": {
            "type": 2,
            "listItem": [
              {
                "type": 3,
                "mapKey": [
                  {
                    "type": 1,
                    "string": "consentType"
                  },
                  {
                    "type": 1,
                    "string": "read"
                  },
                  {
                    "type": 1,
                    "string": "write"
                  }
                ],
                "mapValue": [
                  {
                    "type": 1,
                    "string": "analytics_storage"
                  },
                  {
                    "type": 8,
                    "boolean": true
                  },
                  {
                    "type": 8,
                    "boolean": false
                  }
                ]
              },
              {
                "type": 3,
                "mapKey": [
                  {
                    "type": 1,
                    "string": "consentType"
                  },
                  {
                    "type": 1,
                    "string": "read"
                  },
                  {
                    "type": 1,
                    "string": "write"
                  }
                ],
                "mapValue": [
                  {
                    "type": 1,
                    "string": "ad_storage"
                  },
                  {
                    "type": 8,
                    "boolean": true
                  },
                  {
                    "type": 8,
                    "boolean": false
                  }
                ]
              },
              {
                "type": 3,
                "mapKey": [
                  {
                    "type": 1,
                    "string": "consentType"
                  },
                  {
                    "type": 1,
                    "string": "read"
                  },
                  {
                    "type": 1,
                    "string": "write"
                  }
                ],
                "mapValue": [
                  {
                    "type": 1,
                    "string": "ad_user_data"
                  },
                  {
                    "type": 8,
                    "boolean": true
                  },
                  {
                    "type": 8,
                    "boolean": false
                  }
                ]
              },
              {
                "type": 3,
                "mapKey": [
                  {
                    "type": 1,
                    "string": "consentType"
                  },
                  {
                    "type": 1,
                    "string": "read"
                  },
                  {
                    "type": 1,
                    "string": "write"
                  }
                ],
                "mapValue": [
                  {
                    "type": 1,
                    "string": "ad_personalization"
                  },
                  {
                    "type": 8,
                    "boolean": true
                  },
                  {
                    "type": 8,
                    "boolean": false
                  }
                ]
              },
              {
                "type": 3,
                "mapKey": [
                  {
                    "type": 1,
                    "string": "consentType"
                  },
                  {
                    "type": 1,
                    "string": "read"
                  },
                  {
                    "type": 1,
                    "string": "write"
                  }
                ],
                "mapValue": [
                  {
                    "type": 1,
                    "string": "functionality_storage"
                  },
                  {
                    "type": 8,
                    "boolean": true
                  },
                  {
                    "type": 8,
                    "boolean": false
                  }
                ]
              },
              {
                "type": 3,
                "mapKey": [
                  {
                    "type": 1,
                    "string": "consentType"
                  },
                  {
                    "type": 1,
                    "string": "read"
                  },
                  {
                    "type": 1,
                    "string": "write"
                  }
                ],
                "mapValue": [
                  {
                    "type": 1,
                    "string": "personalization_storage"
                  },
                  {
                    "type": 8,
                    "boolean": true
                  },
                  {
                    "type": 8,
                    "boolean": false
                  }
                ]
              },
              {
                "type": 3,
                "mapKey": [
                  {
                    "type": 1,
                    "string": "consentType"
                  },
                  {
                    "type": 1,
                    "string": "read"
                  },
                  {
                    "type": 1,
                    "string": "write"
                  }
                ],
                "mapValue": [
                  {
                    "type": 1,
                    "string": "security_storage"
                  },
                  {
                    "type": 8,
                    "boolean": true
                  },
                  {
                    "type": 8,
                    "boolean": false
                  }
                ]
              }
            ]
          }
        }
      ]
    },
    "clientAnnotations": {
      "isEditedByUser": true
    },
    "isRequired": true
  },
  {
    "instance": {
      "key": {
        "publicId": "logging",
        "versionId": "1"
      },
      "param": [
        {
          "key": "environments",
          "value": {
            "type": 1,
            "string": "debug"
          }
        }
      ]
    },
    "clientAnnotations": {
      "isEditedByUser": true
    },
    "isRequired": true
  }
]


___TESTS___

scenarios:
- name: An event with its endpoint ID is sent
  code: |-
    runCode(tag({}));

    assertThat(query()).isEqualTo('event=page_view&endpoint_id=7f3a&gtmcb=42');
    assertApi('gtmOnSuccess').wasCalled();
    assertApi('gtmOnFailure').wasNotCalled();
- name: Attributes, metrics, token, time and event ID go under their own names
  code: |-
    runCode(tag({
      token: 'k1.1800000000.c2ln',
      timestamp: 1799999990000,
      eventId: 'order-17',
      userAttributes: [{name: 'plan', value: 'gold'}],
      eventMetrics: [{name: 'value', value: 49.9}],
      eventAttributes: [{name: 'page_path', value: '/'}]
    }));

    assertThat(query()).isEqualTo('event=page_view&endpoint_id=7f3a&token=k1.1800000000.c2ln&ts=1799999990000' +
        '&event_id=order-17&usat_plan=gold&evme_value=49.9&evat_page_path=%2F&gtmcb=42');
- name: Names and values cannot leave their place
  code: |-
    runCode(tag({
      event: 'a&b',
      endpointId: 'x#y=z',
      eventAttributes: [{name: 'a&usat_plan', value: '&token=1 +%?é'}]
    }));

    assertThat(query()).isEqualTo('event=a%26b&endpoint_id=x%23y%3Dz&evat_a%26usat_plan=%26token%3D1%20%2B%25%3F%C3%A9&gtmcb=42');
- name: What has no value is not sent
  code: |-
    runCode(tag({
      token: undefined,
      timestamp: '',
      eventAttributes: [
        {name: 'a', value: undefined}, {name: 'b', value: null}, {name: 'c', value: ''}, {name: 'd', value: 'undefined'},
        {name: 'e', value: ' '}, {name: 'f', value: {}}, {name: '', value: 'nameless'}, {name: 'kept', value: 0},
        {name: 'also', value: false}
      ]
    }));

    assertThat(query()).isEqualTo('event=page_view&endpoint_id=7f3a&evat_kept=0&evat_also=false&gtmcb=42');
- name: Without an endpoint ID the tag fails and sends nothing
  code: |-
    [undefined, null, '', ' ', 'undefined', 'null'].forEach((endpointId) => runCode(tag({endpointId: endpointId})));

    assertThat(sent.length).isEqualTo(0);
    assertApi('sendPixel').wasNotCalled();
    assertApi('gtmOnFailure').wasCalled();
    assertApi('gtmOnSuccess').wasNotCalled();
- name: Without an event name the tag fails and sends nothing
  code: |-
    runCode(tag({event: undefined}));

    assertApi('sendPixel').wasNotCalled();
    assertApi('gtmOnFailure').wasCalled();
- name: An event that was not queued fails the tag
  code: |-
    mock('sendPixel', (url, onSuccess, onFailure) => onFailure());

    runCode(tag({}));

    assertApi('gtmOnFailure').wasCalled();
    assertApi('gtmOnSuccess').wasNotCalled();
- name: A long value of an event attribute is cut as the pixel would cut it
  code: |-
    runCode(tag({eventAttributes: [{name: 'a', value: times('x', 300)}, {name: 'b', value: times('x', 199) + '😀'}]}));

    assertThat(query()).isEqualTo('event=page_view&endpoint_id=7f3a&evat_a=' + times('x', 200) + '&evat_b=' + times('x', 199) + '&gtmcb=42');
- name: A URL that is too long loses its longest event attributes first
  code: |-
    const rows = [{name: 'short', value: 'kept'}];
    for (let index = 0; index < 6; index++) {
      rows.push({name: 'long_' + index, value: times('寿', 100 + index)});
    }

    runCode(tag({
      token: times('t', 2000),
      eventAttributes: rows,
      eventMetrics: [{name: 'value', value: 1}],
      userAttributes: [{name: 'plan', value: times('寿', 200)}]
    }));

    assertThat(sent[0].length <= 8000).isTrue();
    assertThat(query()).contains('evat_short=kept');
    assertThat(query()).contains('evat_long_3=');
    assertThat(query()).doesNotContain('evat_long_4=');
    assertThat(query()).doesNotContain('evat_long_5=');
    assertThat(query()).contains('usat_plan=');
    assertThat(query()).contains('evme_value=1');
    assertThat(query()).contains('token=' + times('t', 2000));
    assertThat(logged).contains('long_5');
- name: User attributes go last
  code: |-
    runCode(tag({
      eventAttributes: [{name: 'a', value: 'x'}],
      eventMetrics: [{name: 'value', value: times('1', 3000)}],
      userAttributes: [{name: 'plan', value: times('y', 7000)}, {name: 'city', value: 'z'}]
    }));

    assertThat(query()).doesNotContain('evat_a=');
    assertThat(query()).doesNotContain('evme_value=');
    assertThat(query()).contains('usat_plan=');
    assertThat(query()).contains('usat_city=z');
- name: A URL that stays too long is not sent
  code: |-
    runCode(tag({token: times('t', 9000)}));

    assertApi('sendPixel').wasNotCalled();
    assertApi('gtmOnFailure').wasCalled();
- name: With consent everything is sent at once
  code: |-
    runCode(tag({consentTypes: [{type: 'ad_storage'}], userAttributes: [{name: 'plan', value: 'gold'}]}));

    assertThat(query()).contains('usat_plan=gold');
    assertApi('addConsentListener').wasNotCalled();
- name: Without consent an event waits until all of it is given, and is then sent once with its own time
  code: |-
    granted.ad_storage = false;
    granted.analytics_storage = false;

    runCode(tag({consentTypes: [{type: 'ad_storage'}, {type: 'analytics_storage'}], withoutConsent: 'wait'}));
    assertThat(sent.length).isEqualTo(0);
    assertApi('gtmOnSuccess').wasCalled();

    grant('ad_storage');
    assertThat(sent.length).isEqualTo(0);

    grant('analytics_storage');
    assertThat(query()).isEqualTo('event=page_view&endpoint_id=7f3a&ts=1800000000000&gtmcb=42');

    grant('ad_storage');
    assertThat(sent.length).isEqualTo(1);
- name: Without consent an event is dropped where the tag says so
  code: |-
    granted.ad_storage = false;

    runCode(tag({consentTypes: [{type: 'ad_storage'}], withoutConsent: 'drop'}));
    grant('ad_storage');

    assertApi('sendPixel').wasNotCalled();
    assertApi('gtmOnSuccess').wasCalled();
- name: Without consent an event goes without what it says of the customer where the tag says so
  code: |-
    granted.ad_user_data = false;

    runCode(tag({
      consentTypes: [{type: 'ad_user_data'}],
      withoutConsent: 'no_user_attributes',
      token: 'k1.1800000000.c2ln',
      userAttributes: [{name: 'plan', value: 'gold'}],
      eventAttributes: [{name: 'page_path', value: '/'}]
    }));

    assertThat(query()).isEqualTo('event=page_view&endpoint_id=7f3a&evat_page_path=%2F&gtmcb=42');
- name: Outside of the preview nothing is logged
  code: |-
    mock('queryPermission', () => false);

    runCode(tag({endpointId: ''}));

    assertApi('logToConsole').wasNotCalled();
setup: |-
  const sent = [];
  const granted = {ad_storage: true, analytics_storage: true, ad_user_data: true};
  const listeners = [];
  let logged = '';

  const times = (text, count) => {
    let all = '';
    for (let index = 0; index < count; index++) {
      all += text;
    }
    return all;
  };
  const tag = (fields) => {
    const settings = {url: 'https://a1b2c3.execute-api.eu-west-1.amazonaws.com/v1/events', event: 'page_view', endpointId: '7f3a'};
    for (let name in fields) {
      settings[name] = fields[name];
    }
    return settings;
  };
  const query = () => sent[0].split('?')[1];
  const grant = (type) => {
    granted[type] = true;
    listeners.forEach((listener) => {
      if (listener.type === type) {
        listener.run(type, true);
      }
    });
  };

  mock('sendPixel', (url, onSuccess, onFailure) => {
    sent.push(url);
    onSuccess();
  });
  mock('isConsentGranted', (type) => granted[type]);
  mock('addConsentListener', (type, run) => {
    listeners.push({type: type, run: run});
  });
  mock('generateRandom', () => 42);
  mock('getTimestampMillis', () => 1800000000000);
  mock('queryPermission', () => true);
  mock('logToConsole', (message, details) => {
    logged += message + ' ' + details + '\n';
  });


___NOTES___

What is dropped from a URL that is too long: event attributes, longest first; then metrics; then user attributes. The
event, the endpoint ID, the token, the time and the event ID never.
