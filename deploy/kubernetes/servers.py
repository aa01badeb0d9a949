"""RabbitMQ and PostgreSQL through their operators, with the accounts of `deploy.accounts`."""

from __future__ import annotations

from deploy import accounts
from deploy.kubernetes.objects import BROKER, BROKER_VHOST, DATABASE, NAMESPACE, SETTINGS, Object, named, names

RABBITMQ, CNPG = "rabbitmq.com/v1beta1", "postgresql.cnpg.io/v1"
ADMINISTRATORS_SECRET = f"{DATABASE}-administrator"
_CLUSTER = {"name": BROKER, "namespace": NAMESPACE}
_HARDENED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}


def broker_secret(account: str) -> str:
    return f"simkeep-broker-{account}"


def broker() -> list[Object]:
    """A cluster of three; each account of the table with exactly its rights. Sizes are the overlay's."""
    objects = [_rabbitmq(), _vhost()]
    for account in accounts.BROKER:
        objects += _account(account)
    return objects


def _rabbitmq() -> Object:
    configuration = [
        "cluster_partition_handling = pause_minority",
        "default_user_tags.administrator = true",
        "vm_memory_high_watermark.relative = 0.6",
        "disk_free_limit.relative = 1.0",
        "collect_statistics_interval = 10000",
    ]
    spec = {
        "replicas": 3,
        "image": "rabbitmq:3.13-management",
        "persistence": {"storage": "20Gi"},
        "resources": {"requests": {"cpu": "500m", "memory": "2Gi"}, "limits": {"cpu": "2", "memory": "2Gi"}},
        "rabbitmq": {
            "additionalConfig": "\n".join(configuration) + "\n",
            "additionalPlugins": ["rabbitmq_management", "rabbitmq_prometheus"],
        },
        "affinity": {
            "podAntiAffinity": {
                "preferredDuringSchedulingIgnoredDuringExecution": [
                    {
                        "weight": 100,
                        "podAffinityTerm": {
                            "topologyKey": "kubernetes.io/hostname",
                            "labelSelector": {"matchLabels": names(name=BROKER)},
                        },
                    }
                ]
            }
        },
    }
    return named("RabbitmqCluster", RABBITMQ, BROKER, spec, component="broker")


def _vhost() -> Object:
    spec = {"name": BROKER_VHOST, "rabbitmqClusterReference": _CLUSTER}
    return named("Vhost", RABBITMQ, "simkeep", spec)


def _account(account: accounts.BrokerAccount) -> list[Object]:
    """The user's name and password are imported from its Secret, once: docs/runbooks/rotate-a-secret.md."""
    user: Object = {
        "importCredentialsSecret": {"name": broker_secret(account.name)},
        "tags": ["administrator"] if account.administrator else [],
        "rabbitmqClusterReference": _CLUSTER,
    }
    rights: Object = {
        "vhost": BROKER_VHOST,
        "userReference": {"name": account.name},
        "permissions": {"configure": account.configure, "write": account.write, "read": account.read},
        "rabbitmqClusterReference": _CLUSTER,
    }
    found = [named("User", RABBITMQ, account.name, user), named("Permission", RABBITMQ, account.name, rights)]
    for topic in account.topics:
        topic_rights = rights | {
            "permissions": {"exchange": topic.exchange, "write": topic.write, "read": topic.read},
        }
        name = f"{account.name}-{topic.exchange.replace('.', '-')}"
        found.append(named("TopicPermission", RABBITMQ, name, topic_rights))
    return found


def database() -> list[Object]:
    """Three instances, of which one writes; backups and write-ahead log in the blob store; a pooler for reports.

    The system's own processes connect directly: they keep pools themselves, listen for notifications, hold advisory
    locks and set limits per session, none of which passes a pooler between transactions.
    """
    nightly = {"schedule": "0 30 1 * * *", "cluster": {"name": DATABASE}, "backupOwnerReference": "self"}
    pooler = {
        "cluster": {"name": DATABASE},
        "instances": 1,
        "type": "ro",
        "pgbouncer": {"poolMode": "session", "parameters": {"max_client_conn": "100", "default_pool_size": "10"}},
    }
    return [
        named("Cluster", CNPG, DATABASE, _cluster(), component="database"),
        named("ScheduledBackup", CNPG, DATABASE, nightly),
        named("Pooler", CNPG, f"{DATABASE}-reports", pooler),
    ]


def _cluster() -> Object:
    return {
        "instances": 3,
        "imageName": "ghcr.io/cloudnative-pg/postgresql:16",
        "primaryUpdateStrategy": "unsupervised",
        "enablePDB": True,
        "enableSuperuserAccess": False,
        "bootstrap": {"initdb": _first_database()},
        "managed": {"roles": [_administrator()]},
        "postgresql": {
            "parameters": {
                "max_connections": "600",
                "shared_buffers": "1GB",
                "max_wal_size": "4GB",
                "wal_compression": "on",
                "jit": "off",
                "log_min_duration_statement": "1000",
            }
        },
        "storage": {"size": "100Gi"},
        "walStorage": {"size": "20Gi"},
        "resources": {"requests": {"cpu": "1", "memory": "4Gi"}, "limits": {"cpu": "4", "memory": "4Gi"}},
        "affinity": {"enablePodAntiAffinity": True, "podAntiAffinityType": "preferred"},
        "monitoring": {"enablePodMonitor": False},
        "backup": _backup(),
    }


def _first_database() -> Object:
    return {
        "database": "simkeep",
        "owner": accounts.ADMINISTRATOR,
        "secret": {"name": ADMINISTRATORS_SECRET},
        "localeCollate": "C",
        "localeCType": "C.UTF-8",
        "encoding": "UTF8",
    }


def _administrator() -> Object:
    """Makes the services' roles when it migrates; no superuser."""
    return {
        "name": accounts.ADMINISTRATOR,
        "ensure": "present",
        "login": True,
        "createrole": True,
        "passwordSecret": {"name": ADMINISTRATORS_SECRET},
    }


def _backup() -> Object:
    """Every night and without a gap in between; 30 days can be gone back to."""
    key = {"name": f"{DATABASE}-backup"}
    return {
        "retentionPolicy": "30d",
        "barmanObjectStore": {
            "destinationPath": "s3://simkeep-backup/",
            "endpointURL": "https://store.example.org",
            "s3Credentials": {
                "accessKeyId": key | {"key": "ACCESS_KEY_ID"},
                "secretAccessKey": key | {"key": "ACCESS_SECRET_KEY"},
            },
            "wal": {"compression": "gzip"},
        },
    }


def settings() -> Object:
    """What an overlay fills in; see deploy/kubernetes/overlays."""
    data = {
        "SIMKEEP_BLOB_URL": "s3://simkeep?endpoint=https://store.example.org&region=us-east-1",
        "SIMKEEP_LOG_LEVEL": "INFO",
        "SIMKEEP_METRICS_FROM": "10.0.0.0/8",
        "SIMKEEP_QUEUE_TYPE": "quorum",
        "SIMKEEP_TRUSTED_PROXIES": "10.0.0.0/8",
    }
    return named("ConfigMap", "v1", SETTINGS) | {"data": data}
