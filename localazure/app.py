"""The local Azure put together: state, services, routes, pipeline.

Owns: the composition, and nothing else. Read it from top to bottom to see what there is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from starlette.applications import Starlette
from starlette.types import ASGIApp

from localazure.arm import ids
from localazure.arm.accounts import VisionAccounts
from localazure.arm.authorization import ASSIGNMENTS, Authorization
from localazure.arm.blob_access import blob_access
from localazure.arm.checks import guid
from localazure.arm.containers import BlobStore, ContainerService
from localazure.arm.endpoints import Endpoints
from localazure.arm.gate import Gate
from localazure.arm.groups import Groups
from localazure.arm.hosts import host_names
from localazure.arm.keys import Keys
from localazure.arm.purging import Purging
from localazure.arm.resources import Deleted, Resources
from localazure.arm.roles import OWNER
from localazure.arm.routes import arm_gate, arm_routes
from localazure.arm.service import ResourceService
from localazure.arm.storage_accounts import StorageAccounts
from localazure.arm.table import TABLE
from localazure.arm.table_cognitive import ACCOUNT
from localazure.arm.table_ml import WORKSPACE
from localazure.arm.table_vaults import VAULT
from localazure.arm.throttle import Throttle, scaled
from localazure.arm.types import ContainerStore, World
from localazure.arm.vaults import KeyVaults
from localazure.blobs import BlobAccess, Blobs, PublishedAccount
from localazure.clock import Clock
from localazure.cost_access import cost_gate, counting_door, inventory_of, stored_in, watch_resources
from localazure.costs.kinds import CALLS, TRAINING
from localazure.costs.meter import Meter
from localazure.costs.routes import cost_routes
from localazure.costs.usage import Usage
from localazure.directory_access import ResourceIdentities, build_entra, graph_services, principal_type
from localazure.drill_routes import build_stage, drill_routes
from localazure.drills import Drills
from localazure.entra.issuer_routes import issuer_routes
from localazure.entra.keys import SigningKey
from localazure.entra.managed_routes import identity_app
from localazure.entra.routes import entra_routes
from localazure.entra.tokens import Tokens
from localazure.estimate_routes import estimate_routes
from localazure.faults import Faults
from localazure.graph.directory import Directory
from localazure.graph.routes import graph_routes
from localazure.graph.seed import seed
from localazure.labeling.routes import labeling_routes
from localazure.labeling.wiring import build_labeling
from localazure.labeling_access import labeling_gate
from localazure.ml.history import RunHistory
from localazure.ml.routes import ml_routes
from localazure.operations import Operations
from localazure.pages import page_routes
from localazure.pipeline import Pipeline, error_handlers
from localazure.routes import local_routes
from localazure.settings import Settings
from localazure.store import Store
from localazure.telemetry.routes import telemetry_routes
from localazure.vault.by_arm import SecretsByArm
from localazure.vault.routes import vault_routes
from localazure.vault.wiring import build_vault
from localazure.vault_access import vault_door
from localazure.vision.routes import vision_routes
from localazure.vision.wiring import build_vision
from localazure.vision_access import vision_authenticate
from localazure.workspace_access import workspace_gate
from localazure.workspace_assets import WorkspaceAssets

__all__ = ["BlobSide", "LocalAzure", "build"]

_ARM_AUDIENCES = ("https://management.azure.com", "https://management.core.windows.net")


class _Containers(BlobStore, ContainerStore, Protocol):
    """Containers as both halves of ARM ask for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobSide:
    """What the blob server offers; tests hand in one that lives in memory."""

    containers: _Containers
    publish: Callable[[Mapping[str, PublishedAccount]], None]
    reader: Callable[[StorageAccounts, Authorization], Blobs]
    grant: Callable[[BlobAccess], None] = lambda _: None
    disturb: Callable[[Sequence[Mapping[str, object]]], None] = lambda _: None
    struck: Callable[[], Mapping[str, int]] = dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalAzure:
    """A local Azure that answers requests. `start`, once blobs can be read, goes on with what was under way before;
    `hang_up` ends the answers that have no end of their own, `close` what runs in the background.
    """

    app: ASGIApp
    identity: ASGIApp
    operations: Operations
    authorization: Authorization
    tokens: Tokens
    faults: Faults
    storage: StorageAccounts
    starters: Sequence[Callable[[], None]]
    closers: Sequence[Callable[[], None]]
    hang_up: Callable[[], None]

    def start(self) -> None:
        for starter in self.starters:
            starter()

    def close(self) -> None:
        for closer in self.closers:
            closer()


def build(
    settings: Settings,
    *,
    store: Store,
    clock: Clock,
    key: SigningKey,
    blob: BlobSide,
    health: Callable[[], dict[str, object]] = dict[str, object],
    shutdown: Callable[[], None] = lambda: None,
) -> LocalAzure:
    """Compose all services over one store."""
    tokens = Tokens(key=key, tenant_id=settings.tenant_id, origin=settings.origin, clock=clock)
    operations = Operations(store, clock)
    resources = Resources(store, (row.name for row in TABLE.values()))
    keys = Keys(store)
    identities = ResourceIdentities(resources, settings)
    directory = Directory(store, clock, identities)
    seed(directory, tenant_id=settings.tenant_id, client_id=settings.client_id, object_id=settings.object_id)
    entra = build_entra(
        settings, store=store, clock=clock, key=key, tokens=tokens, directory=directory, identities=identities
    )
    authorization = Authorization(resources, clock, delay_s=settings.role_delay_s, groups_of=directory.groups_of)
    storage = StorageAccounts(resources, keys, blob.publish)
    purging = Purging(keys)
    faults = Faults()
    faults.on_blobs(blob.disturb, blob.struck)
    secrets, backups = build_vault(store, clock, operations, key_file=settings.vault_key)
    world = World(
        origin=settings.origin,
        blob_origin=settings.blob_origin,
        page_size=settings.page_size,
        tenant_id=settings.tenant_id,
        subscription_id=settings.subscription_id,
        clock=clock,
        store=store,
        resources=resources,
        deleted=Deleted(store, clock, purging),
        keys=keys,
        containers=blob.containers,
        secrets=SecretsByArm(secrets),
        storage_changed=storage.publish,
        purged=purging,
        faults=faults,
        principal_type=partial(principal_type, directory),
    )
    _make_owner(resources, settings)
    service = ResourceService(world, operations)
    endpoints = Endpoints(
        world=world,
        operations=operations,
        authorization=authorization,
        service=service,
        groups=Groups(world, operations, service),
        containers=ContainerService(world, blob.containers),
    )
    audiences = (settings.origin, *_ARM_AUDIENCES)
    gate = Gate(
        subscription_id=settings.subscription_id,
        verify=lambda header: tokens.verify(header, audiences),
        authorization=authorization,
        throttle=Throttle(clock, scaled(settings.throttle)),
    )

    def publish_grants() -> None:
        groups = directory.groups_with_members()
        blob.grant(
            blob_access(authorization, lambda who: directory.transitive_members(who) if who.lower() in groups else ())
        )

    authorization.grants.watch(publish_grants)
    directory.watch(publish_grants)
    blobs = blob.reader(storage, authorization)
    accounts = VisionAccounts(resources, keys)
    meter = Meter(store, clock, inventory=inventory_of(resources), stored=stored_in(blob.containers, blobs))
    watch_resources(resources, meter)
    vision = build_vision(
        store,
        clock,
        accounts,
        blobs,
        settings.state_dir,
        training_fault=faults.training,
        trained=lambda account, seconds: meter.count(account, TRAINING, seconds),
        looked=lambda account: meter.count(account, CALLS),
    )
    labeling = build_labeling(
        store, clock, operations, blobs, resources, assets=WorkspaceAssets(service), state_dir=settings.state_dir
    )
    purging.on(ACCOUNT, vision.forget_account)
    purging.on(VAULT, secrets.forget_vault)
    purging.on(WORKSPACE, labeling.forget_workspace)
    workspace_admit = workspace_gate(resources, tokens, authorization, settings.origin)
    vaults = KeyVaults(resources)
    door = vault_door(vaults, tokens, authorization, settings, groups_of=directory.groups_of)
    routes = [
        *vault_routes(secrets, backups, counting_door(door, meter)),
        *local_routes(
            admin_token=settings.admin_token,
            faults=faults,
            health=health,
            hosts=lambda: host_names(resources),
            shutdown=shutdown,
        ),
        *estimate_routes(admin_token=settings.admin_token),
        *drill_routes(
            admin_token=settings.admin_token,
            drills=Drills(
                faults,
                build_stage(
                    store=store,
                    resources=resources,
                    authorization=authorization,
                    operations=operations,
                    publish_grants=publish_grants,
                ),
            ),
        ),
        *issuer_routes(admin_token=settings.admin_token, issuers=entra.issuers),
        *vision_routes(vision, vision_authenticate(accounts, tokens, authorization)),
        *page_routes(settings.web),
        *labeling_routes(
            labeling, arm_gate(gate, resources), labeling_gate(labeling.door, authorization, workspace_admit)
        ),
        *ml_routes(RunHistory(store, resources), workspace_admit, settings.origin),
        *cost_routes(Usage(store, meter), clock, cost_gate(gate, authorization, resources), origin=settings.origin),
        *arm_routes(gate, endpoints),
        *telemetry_routes(),
        *graph_routes(
            graph_services(directory, settings),
            origin=settings.origin,
            own_object_id=settings.object_id,
            verify=lambda header: tokens.verify(header, entra.service.graph_audiences),
        ),
        *entra_routes(entra.service, key, blob_port=settings.blob_port),
    ]
    starlette = Starlette(routes=routes, exception_handlers=error_handlers())
    storage.publish()
    publish_grants()
    return LocalAzure(
        app=Pipeline(starlette, faults=faults, canonical=ids.canonical),
        identity=identity_app(entra.managed, secret=settings.identity_header, imds=settings.imds),
        operations=operations,
        authorization=authorization,
        tokens=tokens,
        faults=faults,
        storage=storage,
        starters=(operations.run_timer, vision.start, labeling.start, meter.start),
        closers=(vision.close, operations.close, labeling.close, meter.close),
        hang_up=labeling.events.close,
    )


def _make_owner(resources: Resources, settings: Settings) -> None:
    """Our service principal owns the subscription, since before anybody could ask."""
    scope = f"/subscriptions/{settings.subscription_id}"
    name = guid(scope, settings.object_id, OWNER)
    assignment_id = f"{scope}/providers/{ASSIGNMENTS}/{name}"
    if resources.get(assignment_id) is None:
        properties = {
            "principalId": settings.object_id,
            "principalType": "ServicePrincipal",
            "roleDefinitionId": f"{scope}/providers/Microsoft.Authorization/roleDefinitions/{OWNER}",
            "scope": scope,
            "createdOn": "2026-01-01T00:00:00.0000000Z",
            "updatedOn": "2026-01-01T00:00:00.0000000Z",
        }
        resources.put({"id": assignment_id, "name": name, "type": ASSIGNMENTS, "properties": properties})
