// With zone.js, whose fetch plugin assigns the signal.
import "zone.js/plugins/zone-patch-fetch";
import { Component, provideZoneChangeDetection, signal } from "@angular/core";
import { bootstrapApplication } from "@angular/platform-browser";
import { ComfyControl, type ManagedRunner } from "comfycontrol-runners";

@Component({
  selector: "app-root",
  template: `<ul>
    @for (runner of runners(); track runner.id) {
      <li>{{ runner.name }}</li>
    }
  </ul>`,
})
class App {
  readonly runners = signal<readonly ManagedRunner[]>([]);
  private readonly client = new ComfyControl({ baseUrl: "/api" });

  constructor() {
    void this.client
      .listManagedRunners({ signal: new AbortController().signal })
      .then(({ runners }) => this.runners.set(runners));
  }
}

bootstrapApplication(App, { providers: [provideZoneChangeDetection()] }).catch((error: unknown) =>
  console.error(error),
);
