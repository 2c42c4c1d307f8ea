/* error.h - what can go wrong, as a value: one table of codes with the AWS name and the HTTP status of each. */
#pragma once
#include "base/base.h"

/* X(code, AWS name, HTTP status). The name is what a client sees; several codes may share one. */
#define ERROR_TABLE(X)                                                                             \
    /* every service */                                                                            \
    X(ERR_INTERNAL, "InternalFailure", 500)                                                        \
    X(ERR_UNAVAILABLE, "ServiceUnavailable", 503)                                                  \
    X(ERR_THROTTLED, "ThrottlingException", 400)                                                   \
    X(ERR_VALIDATION, "ValidationException", 400)                                                  \
    X(ERR_SERIALIZATION, "SerializationException", 400)                                            \
    X(ERR_UNKNOWN_OPERATION, "UnknownOperationException", 400)                                     \
    X(ERR_ACCESS_DENIED, "AccessDeniedException", 403)                                             \
    X(ERR_MISSING_TOKEN, "MissingAuthenticationTokenException", 403)                               \
    X(ERR_UNRECOGNIZED_CLIENT, "UnrecognizedClientException", 403)                                 \
    X(ERR_INVALID_SIGNATURE, "InvalidSignatureException", 403)                                     \
    X(ERR_REQUEST_TOO_LARGE, "RequestEntityTooLarge", 413)                                         \
    /* EMR */                                                                                      \
    X(ERR_INVALID_REQUEST, "InvalidRequestException", 400)                                         \
    X(ERR_INTERNAL_SERVER, "InternalServerException", 500)                                         \
    /* Lambda */                                                                                   \
    X(ERR_LAMBDA_NOT_FOUND, "ResourceNotFoundException", 404)                                      \
    X(ERR_LAMBDA_CONFLICT, "ResourceConflictException", 409)                                       \
    X(ERR_LAMBDA_PARAMETER, "InvalidParameterValueException", 400)                                 \
    X(ERR_LAMBDA_PRECONDITION, "PreconditionFailedException", 412)                                 \
    X(ERR_LAMBDA_TOO_LARGE, "RequestTooLargeException", 413)                                       \
    X(ERR_LAMBDA_THROTTLED, "TooManyRequestsException", 429)                                       \
    X(ERR_LAMBDA_CONTENT, "InvalidRequestContentException", 400)                                   \
    X(ERR_LAMBDA_POLICY_LENGTH, "PolicyLengthExceededException", 400)                              \
    X(ERR_LAMBDA_IN_USE, "ResourceInUseException", 400)                                            \
    X(ERR_LAMBDA_NOT_PROVISIONED, "ProvisionedConcurrencyConfigNotFoundException", 404)            \
    X(ERR_LAMBDA_NO_SIGNING, "CodeSigningConfigNotFoundException", 404)                            \
    X(ERR_LAMBDA_SERVICE, "ServiceException", 500)                                                 \
    /* Step Functions */                                                                           \
    X(ERR_SFN_INVALID_ARN, "InvalidArn", 400)                                                      \
    X(ERR_SFN_INVALID_NAME, "InvalidName", 400)                                                    \
    X(ERR_SFN_INVALID_TOKEN, "InvalidToken", 400)                                                  \
    X(ERR_SFN_INVALID_OUTPUT, "InvalidOutput", 400)                                                \
    X(ERR_SFN_INVALID_DEFINITION, "InvalidDefinition", 400)                                        \
    X(ERR_SFN_INVALID_INPUT, "InvalidExecutionInput", 400)                                         \
    X(ERR_SFN_MACHINE_EXISTS, "StateMachineAlreadyExists", 400)                                    \
    X(ERR_SFN_INVALID_LOGGING, "InvalidLoggingConfiguration", 400)                                 \
    X(ERR_SFN_INVALID_ENCRYPTION, "InvalidEncryptionConfiguration", 400)                           \
    X(ERR_SFN_MACHINE_DELETING, "StateMachineDeleting", 400)                                       \
    X(ERR_SFN_NO_MACHINE, "StateMachineDoesNotExist", 400)                                         \
    X(ERR_SFN_MACHINE_TYPE, "StateMachineTypeNotSupported", 400)                                   \
    X(ERR_SFN_EXECUTION_EXISTS, "ExecutionAlreadyExists", 400)                                     \
    X(ERR_SFN_NO_EXECUTION, "ExecutionDoesNotExist", 400)                                          \
    X(ERR_SFN_NOT_REDRIVABLE, "ExecutionNotRedrivable", 400)                                       \
    X(ERR_SFN_MISSING_PARAMETER, "MissingRequiredParameter", 400)                                  \
    X(ERR_SFN_NO_RESOURCE, "ResourceNotFound", 400)                                                \
    X(ERR_SFN_TOO_MANY_TAGS, "TooManyTags", 400)                                                   \
    X(ERR_SFN_NO_TASK, "TaskDoesNotExist", 400)                                                    \
    X(ERR_SFN_TASK_TIMED_OUT, "TaskTimedOut", 400)                                                 \
    X(ERR_SFN_NO_ACTIVITY, "ActivityDoesNotExist", 400)                                            \
    X(ERR_SFN_ACTIVITY_EXISTS, "ActivityAlreadyExists", 400)                                       \
    X(ERR_SFN_TOO_MANY_WORKERS, "ActivityWorkerLimitExceeded", 400)                                \
    X(ERR_SFN_QUOTA, "ServiceQuotaExceededException", 400)                                         \
    X(ERR_SFN_CONFLICT, "ConflictException", 409)                                                  \
    /* CloudWatch Logs, EventBridge */                                                             \
    X(ERR_RESOURCE_NOT_FOUND, "ResourceNotFoundException", 400)                                    \
    X(ERR_RESOURCE_EXISTS, "ResourceAlreadyExistsException", 400)                                  \
    X(ERR_INVALID_OPERATION, "InvalidOperationException", 400)                                     \
    X(ERR_EVENTS_ILLEGAL_STATUS, "IllegalStatusException", 400)                                    \
    X(ERR_INVALID_EVENT_PATTERN, "InvalidEventPatternException", 400)                              \
    X(ERR_EVENTS_LIMIT, "LimitExceededException", 400)                                             \
    X(ERR_TOO_MANY_TAGS, "TooManyTagsException", 400)                                              \
    /* IAM */                                                                                      \
    X(ERR_IAM_NO_ENTITY, "NoSuchEntity", 404)                                                      \
    X(ERR_IAM_ENTITY_EXISTS, "EntityAlreadyExists", 409)                                           \
    X(ERR_IAM_DELETE_CONFLICT, "DeleteConflict", 409)                                              \
    X(ERR_IAM_LIMIT, "LimitExceeded", 409)                                                         \
    X(ERR_IAM_INVALID_INPUT, "InvalidInput", 400)                                                  \
    X(ERR_IAM_MALFORMED_POLICY, "MalformedPolicyDocument", 400)                                    \
    X(ERR_IAM_NO_REPORT, "ReportNotPresent", 410)                                                  \
    X(ERR_STS_TOKEN, "InvalidIdentityToken", 400)                                                  \
    X(ERR_STS_MESSAGE, "InvalidAuthorizationMessageException", 400)                                \
    X(ERR_IAM_UNMODIFIABLE, "UnmodifiableEntity", 400)                                             \
    /* EventBridge Scheduler */                                                                    \
    X(ERR_SCHEDULER_NOT_FOUND, "ResourceNotFoundException", 404)                                   \
    X(ERR_SCHEDULER_CONFLICT, "ConflictException", 409)                                            \
    X(ERR_SCHEDULER_QUOTA, "ServiceQuotaExceededException", 402)                                   \
    /* Systems Manager parameters */                                                               \
    X(ERR_SSM_NOT_FOUND, "ParameterNotFound", 400)                                                 \
    X(ERR_SSM_NO_VERSION, "ParameterVersionNotFound", 400)                                         \
    X(ERR_SSM_EXISTS, "ParameterAlreadyExists", 400)                                               \
    X(ERR_SSM_HIERARCHY_LEVELS, "HierarchyLevelLimitExceededException", 400)                       \
    X(ERR_SSM_HIERARCHY_TYPE, "HierarchyTypeMismatchException", 400)                               \
    X(ERR_SSM_INVALID_PATTERN, "InvalidAllowedPatternException", 400)                              \
    X(ERR_SSM_PATTERN_MISMATCH, "ParameterPatternMismatchException", 400)                          \
    X(ERR_SSM_VERSIONS_MAX, "ParameterMaxVersionLimitExceeded", 400)                               \
    X(ERR_SSM_LABELS_MAX, "ParameterVersionLabelLimitExceeded", 400)                               \
    X(ERR_SSM_FILTER_KEY, "InvalidFilterKey", 400)                                                 \
    X(ERR_SSM_FILTER_OPTION, "InvalidFilterOption", 400)                                           \
    X(ERR_SSM_FILTER_VALUE, "InvalidFilterValue", 400)                                             \
    X(ERR_SSM_NEXT_TOKEN, "InvalidNextToken", 400)                                                 \
    X(ERR_SSM_RESOURCE_ID, "InvalidResourceId", 400)                                               \
    X(ERR_SSM_RESOURCE_TYPE, "InvalidResourceType", 400)                                           \
    X(ERR_SSM_TAGS_MAX, "TooManyTagsError", 400)                                                   \
    /* Secrets Manager */                                                                          \
    X(ERR_SECRET_EXISTS, "ResourceExistsException", 400)                                           \
    X(ERR_SECRET_PARAMETER, "InvalidParameterException", 400)                                      \
    X(ERR_SECRET_NEXT_TOKEN, "InvalidNextTokenException", 400)                                     \
    X(ERR_SECRET_LIMIT, "LimitExceededException", 400)                                             \
    X(ERR_SECRET_POLICY, "MalformedPolicyDocumentException", 400)                                  \
    /* CloudWatch */                                                                               \
    X(ERR_METRIC_VALUE, "InvalidParameterValueException", 400)                                     \
    X(ERR_METRIC_COMBINATION, "InvalidParameterCombinationException", 400)                         \
    X(ERR_METRIC_MISSING, "MissingRequiredParameterException", 400)                                \
    X(ERR_METRIC_NEXT_TOKEN, "InvalidNextToken", 400)                                              \
    X(ERR_ALARM_NOT_FOUND, "ResourceNotFound", 404)                                                \
    X(ERR_DASHBOARD, "InvalidParameterInput", 400)                                                 \
    X(ERR_ALARM_FORMAT, "InvalidFormatFault", 400)                                                 \
    /* CloudFormation */                                                                           \
    X(ERR_CFN_CAPABILITIES, "InsufficientCapabilitiesException", 400)                              \
    X(ERR_CFN_LIMIT, "LimitExceededException", 400)                                                \
    X(ERR_CFN_TYPE, "TypeNotFoundException", 404)                                                  \
    X(ERR_CFN_CHANGE_SET, "ChangeSetNotFound", 404)                                                \
    X(ERR_CFN_CHANGE_SET_STATUS, "InvalidChangeSetStatus", 400)                                    \
    X(ERR_ALREADY_EXISTS, "AlreadyExistsException", 400)                                           \
    /* CloudTrail */                                                                               \
    X(ERR_TRAIL_TIME_RANGE, "InvalidTimeRangeException", 400)                                      \
    X(ERR_TRAIL_TOKEN, "InvalidNextTokenException", 400)                                           \
    /* what the machine did: mapped to a service's error by the caller */                          \
    X(ERR_NOT_FOUND, "NotFound", 404)                                                              \
    X(ERR_EXISTS, "AlreadyExists", 409)                                                            \
    X(ERR_IS_FOLDER, "IsFolder", 409)                                                              \
    X(ERR_NOT_FOLDER, "NotFolder", 409)                                                            \
    X(ERR_NAME_TOO_LONG, "NameTooLong", 400)                                                       \
    X(ERR_DISK_FULL, "InsufficientStorage", 507)                                                   \
    X(ERR_IO, "IOError", 500)                                                                      \
    X(ERR_USAGE, "UsageError", 400)                                                                \
    /* SQS */                                                                                      \
    X(ERR_SQS_NO_QUEUE, "QueueDoesNotExist", 400)                                                  \
    X(ERR_SQS_QUEUE_EXISTS, "QueueNameExists", 400)                                                \
    X(ERR_SQS_ATTRIBUTE_NAME, "InvalidAttributeName", 400)                                         \
    X(ERR_SQS_ATTRIBUTE_VALUE, "InvalidAttributeValue", 400)                                       \
    X(ERR_SQS_PARAMETER, "InvalidParameterValueException", 400)                                    \
    X(ERR_SQS_MISSING_PARAMETER, "MissingRequiredParameterException", 400)                         \
    X(ERR_SQS_ADDRESS, "InvalidAddress", 400)                                                      \
    X(ERR_SQS_CONTENTS, "InvalidMessageContents", 400)                                             \
    X(ERR_SQS_BATCH_IDS, "BatchEntryIdsNotDistinct", 400)                                          \
    X(ERR_SQS_BATCH_ID, "InvalidBatchEntryId", 400)                                                \
    X(ERR_SQS_BATCH_LONG, "BatchRequestTooLong", 400)                                              \
    X(ERR_SQS_BATCH_EMPTY, "EmptyBatchRequest", 400)                                               \
    X(ERR_SQS_BATCH_MANY, "TooManyEntriesInBatchRequest", 400)                                     \
    X(ERR_SQS_NOT_IN_FLIGHT, "MessageNotInflight", 400)                                            \
    X(ERR_SQS_RECEIPT, "ReceiptHandleIsInvalid", 400)                                              \
    X(ERR_SQS_UNSUPPORTED, "UnsupportedOperation", 400)                                            \
    X(ERR_SQS_PURGE, "PurgeQueueInProgress", 400)                                                  \
    X(ERR_SQS_OVER_LIMIT, "OverLimit", 400)                                                        \
    /* SNS */                                                                                      \
    X(ERR_SNS_PARAMETER, "InvalidParameter", 400)                                                  \
    X(ERR_SNS_VALUE, "ParameterValueInvalid", 400)                                                 \
    X(ERR_SNS_NOT_FOUND, "NotFound", 404)                                                          \
    X(ERR_SNS_NO_RESOURCE, "ResourceNotFound", 404)                                                \
    X(ERR_SNS_TAGS, "TagLimitExceeded", 400)                                                       \
    /* S3 */                                                                                       \
    X(ERR_S3_ACCESS_DENIED, "AccessDenied", 403)                                                   \
    X(ERR_S3_ACCESS_FORBIDDEN, "AccessForbidden", 403)                                             \
    X(ERR_S3_BAD_REQUEST, "BadRequest", 400)                                                       \
    X(ERR_S3_MISSING_SECURITY_HEADER, "MissingSecurityHeader", 400)                                \
    X(ERR_S3_UNEXPECTED_CONTENT, "UnexpectedContent", 400)                                         \
    X(ERR_S3_MALFORMED_ACL, "MalformedACLError", 400)                                              \
    X(ERR_S3_UNRESOLVABLE_GRANT, "UnresolvableGrantByEmailAddress", 400)                           \
    X(ERR_S3_ACL_WITH_OWNERSHIP, "InvalidBucketAclWithObjectOwnership", 400)                       \
    X(ERR_S3_ACL_WITH_BLOCK, "InvalidBucketAclWithBlockPublicAccessError", 400)                    \
    X(ERR_S3_NO_SUCH_LOCK, "NoSuchObjectLockConfiguration", 404)                                   \
    X(ERR_S3_INVALID_RETENTION, "InvalidRetentionPeriod", 400)                                     \
    X(ERR_S3_MALFORMED_POST, "MalformedPOSTRequest", 400)                                          \
    X(ERR_S3_INVALID_POLICY_DOCUMENT, "InvalidPolicyDocument", 400)                                \
    X(ERR_S3_MAX_POST_LENGTH, "MaxPostPreDataLengthExceeded", 400)                                 \
    X(ERR_S3_NO_SUCH_BUCKET, "NoSuchBucket", 404)                                                  \
    X(ERR_S3_NO_SUCH_VERSION, "NoSuchVersion", 404)                                                \
    X(ERR_S3_NO_SUCH_UPLOAD, "NoSuchUpload", 404)                                                  \
    X(ERR_S3_NO_SUCH_CORS, "NoSuchCORSConfiguration", 404)                                         \
    X(ERR_S3_NO_SUCH_ENCRYPTION, "ServerSideEncryptionConfigurationNotFoundError", 404)            \
    X(ERR_S3_NO_SUCH_LIFECYCLE, "NoSuchLifecycleConfiguration", 404)                               \
    X(ERR_S3_NO_SUCH_OBJECT_LOCK, "ObjectLockConfigurationNotFoundError", 404)                     \
    X(ERR_S3_NO_SUCH_POLICY, "NoSuchBucketPolicy", 404)                                            \
    X(ERR_S3_NO_SUCH_REPLICATION, "ReplicationConfigurationNotFoundError", 404)                    \
    X(ERR_S3_NO_SUCH_TAGS, "NoSuchTagSet", 404)                                                    \
    X(ERR_S3_NO_SUCH_WEBSITE, "NoSuchWebsiteConfiguration", 404)                                   \
    X(ERR_S3_NO_SUCH_PUBLIC_ACCESS_BLOCK, "NoSuchPublicAccessBlockConfiguration", 404)             \
    X(ERR_S3_NO_SUCH_OWNERSHIP, "OwnershipControlsNotFoundError", 404)                             \
    X(ERR_S3_NO_SUCH_CONFIGURATION, "NoSuchConfiguration", 404)                                    \
    X(ERR_S3_BUCKET_EXISTS, "BucketAlreadyExists", 409)                                            \
    X(ERR_S3_BUCKET_OWNED, "BucketAlreadyOwnedByYou", 409)                                         \
    X(ERR_S3_BUCKET_NOT_EMPTY, "BucketNotEmpty", 409)                                              \
    X(ERR_S3_INVALID_BUCKET_NAME, "InvalidBucketName", 400)                                        \
    X(ERR_S3_INVALID_BUCKET_STATE, "InvalidBucketState", 409)                                      \
    X(ERR_S3_LOCATION_CONSTRAINT, "IllegalLocationConstraintException", 400)                       \
    X(ERR_S3_INVALID_LOCATION, "InvalidLocationConstraint", 400)                                   \
    X(ERR_S3_KEY_TOO_LONG, "KeyTooLongError", 400)                                                 \
    X(ERR_S3_METADATA_TOO_LARGE, "MetadataTooLarge", 400)                                          \
    X(ERR_S3_INVALID_TAG, "InvalidTag", 400)                                                       \
    X(ERR_S3_TOO_MANY_TAGS, "BadRequest", 400)                                                     \
    X(ERR_S3_MALFORMED_XML, "MalformedXML", 400)                                                   \
    X(ERR_S3_MALFORMED_POLICY, "MalformedPolicy", 400)                                             \
    X(ERR_S3_PRECONDITION_FAILED, "PreconditionFailed", 412)                                       \
    X(ERR_S3_NOT_MODIFIED, "NotModified", 304)                                                     \
    X(ERR_S3_INVALID_RANGE, "InvalidRange", 416)                                                   \
    X(ERR_S3_INVALID_PART_NUMBER, "InvalidPartNumber", 416)                                        \
    X(ERR_S3_INVALID_PART, "InvalidPart", 400)                                                     \
    X(ERR_S3_INVALID_PART_ORDER, "InvalidPartOrder", 400)                                          \
    X(ERR_S3_ENTITY_TOO_SMALL, "EntityTooSmall", 400)                                              \
    X(ERR_S3_ACL_NOT_SUPPORTED, "AccessControlListNotSupported", 400)                              \
    X(ERR_S3_METHOD_NOT_ALLOWED, "MethodNotAllowed", 405)                                          \
    X(ERR_S3_INVALID_OBJECT_STATE, "InvalidObjectState", 403)                                      \
    X(ERR_S3_INVALID_STORAGE_CLASS, "InvalidStorageClass", 400)                                    \
    X(ERR_S3_INTERNAL, "InternalError", 500)                                                       \
    X(ERR_S3_NO_SUCH_KEY, "NoSuchKey", 404)                                                        \
    /* signatures and bodies, as S3 names what is wrong with them */                               \
    X(ERR_S3_SIGNATURE_DOES_NOT_MATCH, "SignatureDoesNotMatch", 403)                               \
    X(ERR_S3_REQUEST_TIME_TOO_SKEWED, "RequestTimeTooSkewed", 403)                                 \
    X(ERR_S3_INVALID_ACCESS_KEY_ID, "InvalidAccessKeyId", 403)                                     \
    X(ERR_S3_AUTHORIZATION_HEADER_MALFORMED, "AuthorizationHeaderMalformed", 400)                  \
    X(ERR_S3_AUTHORIZATION_QUERY_PARAMETERS, "AuthorizationQueryParametersError", 400)             \
    X(ERR_S3_INVALID_TOKEN, "InvalidToken", 400)                                                   \
    X(ERR_S3_INVALID_ARGUMENT, "InvalidArgument", 400)                                             \
    X(ERR_S3_INVALID_REQUEST, "InvalidRequest", 400)                                               \
    X(ERR_S3_INVALID_URI, "InvalidURI", 400)                                                       \
    X(ERR_S3_NOT_IMPLEMENTED, "NotImplemented", 501)                                               \
    X(ERR_S3_INVALID_DIGEST, "InvalidDigest", 400)                                                 \
    X(ERR_S3_BAD_DIGEST, "BadDigest", 400)                                                         \
    X(ERR_S3_CONTENT_SHA256_MISMATCH, "XAmzContentSHA256Mismatch", 400)                            \
    X(ERR_S3_MALFORMED_TRAILER, "MalformedTrailerError", 400)                                      \
    X(ERR_S3_INCOMPLETE_BODY, "IncompleteBody", 400)                                               \
    X(ERR_S3_ENTITY_TOO_LARGE, "EntityTooLarge", 400)                                              \
    X(ERR_S3_MISSING_CONTENT_LENGTH, "MissingContentLength", 411)                                  \
    /* signatures, as the other services name it: JSON protocols, then the query protocol */       \
    X(ERR_INCOMPLETE_SIGNATURE, "IncompleteSignatureException", 400)                               \
    X(ERR_QUERY_SIGNATURE_DOES_NOT_MATCH, "SignatureDoesNotMatch", 403)                            \
    X(ERR_QUERY_INCOMPLETE_SIGNATURE, "IncompleteSignature", 400)                                  \
    X(ERR_QUERY_MISSING_TOKEN, "MissingAuthenticationToken", 403)                                  \
    X(ERR_QUERY_INVALID_CLIENT_TOKEN_ID, "InvalidClientTokenId", 403)                              \
    X(ERR_QUERY_EXPIRED_TOKEN, "ExpiredToken", 403)                                                \
    X(ERR_EXPIRED_TOKEN, "ExpiredTokenException", 400)                                             \
    X(ERR_S3_EXPIRED_TOKEN, "ExpiredToken", 400)                                                   \
    X(ERR_STS_POLICY_TOO_LARGE, "PackedPolicyTooLarge", 400)

typedef enum ErrorCode {
    ERR_NONE,
#define X(code, name, status) code,
    ERROR_TABLE(X)
#undef X
        ERR_COUNT
} ErrorCode;

enum { ERROR_TEXT_MAX = 1024 };

/* On success a function leaves *err untouched. The text says what was attempted on what, which rule
 * was broken, and where. It is cut at ERROR_TEXT_MAX bytes, on a UTF-8 boundary. */
typedef struct Error {
    ErrorCode code;
    int32_t n; /* bytes of the text; 0: up to its zero */
    char text[ERROR_TEXT_MAX];
} Error;

/* The text may hold any byte, where a client's own value is told: zero too. */
bool error_set_text(Error *err, ErrorCode code, Str text);
/* Always false, so that a caller can write: return error_set(err, ERR_X, "...", ...); and in sight
 * of whoever reads the caller alone: a compiler, clang's analyzer. */
#define error_set(err, code, ...) (error_fill(err, code, __VA_ARGS__), error_false())
void error_fill(Error *err, ErrorCode code, const char *fmt, ...) printf_like(3, 4);
static inline bool error_false(void)
{
    return false;
}
Str error_name(ErrorCode code);
int error_status(ErrorCode code);
Str error_text(const Error *err);
