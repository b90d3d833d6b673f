"""An AWS on this machine to deploy to: moto's server, with five additions that this service needs.

Keeps what is deployed in memory and runs no function. Usage: server.py PORT
"""

import json
import sys

from moto.awslambda import models as lambda_models
from moto.cloudformation import models as cloudformation_models
from moto.cloudformation import parsing
from moto.iam import models as iam_models
from moto.server import main

# 1. ValidateTemplate: AWS accepts a template with warnings. moto 5.2.5 rejects it on any finding of cfn-lint,
# and the framework's own template has warning W3005 (a DependsOn next to a Ref).
validate = cloudformation_models.validate_template_cfn_lint


def errors_only(template):
    return [match for match in validate(template) if match.rule.severity == "error"]


cloudformation_models.validate_template_cfn_lint = errors_only


# 2. CreateEventSourceMapping: AWS accepts SelfManagedEventSource instead of EventSourceArn; moto 5.2.5
# requires the latter. Without an ARN, use the batch limits of Kinesis, which are also Kafka's. CloudFormation and
# Lambda's API name the brokers differently.
Mapping = lambda_models.EventSourceMapping
source_from_arn = Mapping._get_service_source_from_arn


def source(self, arn=None):
    arn = self._event_source_arn if arn is None else arn
    return source_from_arn(self, arn) if arn else "kinesis"


def brokers_of(spec):
    endpoints = spec["SelfManagedEventSource"]["Endpoints"]
    return endpoints.get("KAFKA_BOOTSTRAP_SERVERS") or endpoints.get("KafkaBootstrapServers")


create = lambda_models.LambdaBackend.create_event_source_mapping


def create_event_source_mapping(self, spec):
    if not spec.get("SelfManagedEventSource"):
        return create(self, spec)
    function = self._lambdas.get_function_by_name_or_arn_with_qualifier(spec["FunctionName"])
    mapping = Mapping(
        {
            **spec,
            "SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": brokers_of(spec)}},
            "EventSourceArn": "",
            "FunctionArn": function.function_arn,
            "RegionName": self.region_name,
            "AccountId": self.account_id,
        }
    )
    self._event_source_mappings[mapping.uuid] = mapping
    return mapping


Mapping._get_service_source_from_arn = source
lambda_models.LambdaBackend.create_event_source_mapping = create_event_source_mapping


# 3. Fn::GetAtt: moto 5.2.5 skips resources that it does not know, such as the API's domain, and then fails what refers
# to them. Such an attribute gets a placeholder.
clean = parsing.clean_json


def clean_json(value, resources):
    if isinstance(value, dict) and "Fn::GetAtt" in value:
        name, attribute = value["Fn::GetAtt"][:2]
        if name in getattr(resources, "_resource_json_map", {}) and resources.get(name) is None:
            return f"{name}.{attribute}"
    return clean(value, resources)


parsing.clean_json = clean_json


# 4. GetRolePolicy: AWS answers a policy as JSON. moto 5.2.5 keeps those of a template as Python's text of them.
Role = iam_models.Role
put_policy = Role.put_policy


def put_policy_as_json(self, name, policy):
    put_policy(self, name, policy if isinstance(policy, str) else json.dumps(policy))


Role.put_policy = put_policy_as_json


# 5. CloudFormation's update of a function: moto 5.2.5 leaves out the reserved concurrency.
Function = lambda_models.LambdaFunction
update_configuration = Function.update_configuration


def update_configuration_and_concurrency(self, updates):
    # Lambda's own call has no code.
    if "Code" in updates:
        self.reserved_concurrency = updates.get("ReservedConcurrentExecutions")
    return update_configuration(self, updates)


Function.update_configuration = update_configuration_and_concurrency

main(["-H", "127.0.0.1", "-p", sys.argv[1]])
