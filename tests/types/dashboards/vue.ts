// TanStack Query for Vue, with reactive options; and the store in a composable.
import { useInfiniteQuery, useQuery } from "@tanstack/vue-query";
import { ComfyControl, type ManagedRunner, type ManagedRunnerPage } from "comfycontrol-runners";
import { type UniqueRunnersPages, runnersInfiniteQuery, runnersQuery } from "comfycontrol-runners/query";
import { type RunnersStore, runnersStore } from "comfycontrol-runners/store";
import { computed, onMounted, onUnmounted, ref, shallowRef } from "vue";

import { same } from "./equal.js";

const client = new ComfyControl({ baseUrl: "/api" });

export function setup(): void {
  const page = ref(1);
  const { data } = useQuery(computed(() => runnersQuery(client, { page: page.value })));
  same<typeof data.value, ManagedRunnerPage | undefined>(true);
  const { data: pages } = useInfiniteQuery(computed(() => runnersInfiniteQuery(client)));
  same<typeof pages.value, UniqueRunnersPages | undefined>(true);
  const state = useRunners(runnersStore(client));
  same<typeof state.value.runners, readonly ManagedRunner[]>(true);
  // A client in reactive state.
  void runnersQuery(ref(client).value);
}

function useRunners(store: RunnersStore) {
  const state = shallowRef(store.value);
  let leave: (() => void) | undefined;
  onMounted(() => {
    leave = store.subscribe((snapshot) => {
      state.value = snapshot;
    });
  });
  onUnmounted(() => leave?.());
  return state;
}
