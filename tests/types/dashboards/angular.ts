// TanStack Query for Angular, and the store as a signal of Angular's.
import { signal } from "@angular/core";
import { toSignal } from "@angular/core/rxjs-interop";
import { injectInfiniteQuery, injectQuery } from "@tanstack/angular-query-experimental";
import { ComfyControl, type ManagedRunnerPage } from "comfycontrol-runners";
import { type UniqueRunnersPages, runnersInfiniteQuery, runnersQuery } from "comfycontrol-runners/query";
import { type RunnersSnapshot, runnersStore } from "comfycontrol-runners/store";

import { same } from "./equal.js";

const client = new ComfyControl({ baseUrl: "/api" });

export class Component {
  readonly page = signal(1);
  readonly query = injectQuery(() => runnersQuery(client, { page: this.page() }));
  readonly pages = injectInfiniteQuery(() => runnersInfiniteQuery(client));
  readonly state = toSignal(runnersStore(client), { requireSync: true });

  check(): void {
    const data = this.query.data();
    same<typeof data, ManagedRunnerPage | undefined>(true);
    const pages = this.pages.data();
    same<typeof pages, UniqueRunnersPages | undefined>(true);
    const state = this.state();
    same<typeof state, RunnersSnapshot>(true);
  }
}
