package io.k8s.sigs.swdt.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.k8s.sigs.swdt.lab.Lab;
import io.k8s.sigs.swdt.lab.LabClusterFile;
import io.k8s.sigs.swdt.lab.LabHost;
import io.k8s.sigs.swdt.lab.LabTest;
import io.k8s.sigs.swdt.lab.Swdt;
import io.k8s.sigs.swdt.lab.Swdt.Moment;
import io.k8s.sigs.swdt.lab.WindowsBelongings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * The life of a cluster with Windows-like workers, from bare hosts to bare hosts: each test goes on
 * where the last one ended.
 */
@LabTest(windows = true)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class WindowsClusterLabTest {

    @TempDir static Path home;

    private static LabHost controlPlane;
    private static final List<LabHost> WINDOWS = new ArrayList<>();
    private static final Map<String, List<String>> BEFORE = new TreeMap<>();
    private static LabClusterFile files;

    private final Swdt swdt = new Swdt(home);

    @BeforeAll
    static void hosts_with_things_of_their_user(Lab lab) {
        controlPlane = lab.linux("wc-cp");
        for (String name : List.of("wc-win1", "wc-win2")) {
            LabHost host = lab.windows(name);
            WindowsBelongings.bring(host);
            BEFORE.put(name, WindowsBelongings.picture(host));
            WINDOWS.add(host);
        }
        files = new LabClusterFile(lab, "winlife");
    }

    private static String file(int workers) {
        List<LabHost> hosts = new ArrayList<>(List.of(controlPlane));
        hosts.addAll(WINDOWS.subList(0, workers));
        // the second one's computer gets another name
        String text = files.text(hosts).replace("name: wc-win2,", "name: wc-node2,");
        try {
            return Files.writeString(
                            home.resolve("winlife.yaml"),
                            text.replace("\nspec:\n", "\nspec:\n  windows: {rename: true}\n"))
                    .toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Swdt.Result create(int workers, String... more) {
        List<String> command = new ArrayList<>(List.of("cluster", "create", "--config"));
        command.addAll(List.of(file(workers), "--yes", "--accept-new-host-keys"));
        command.addAll(List.of(more));
        return swdt.run(command.toArray(new String[0]));
    }

    private Swdt.Result createUntil(Moment... moments) {
        return swdt.run(
                List.of(moments),
                "cluster",
                "create",
                "--config",
                file(1),
                "--yes",
                "--accept-new-host-keys",
                "--no-test");
    }

    private Swdt.Result destroyUntil(Moment... moments) {
        return swdt.run(List.of(moments), "cluster", "destroy", "--config", file(2), "--yes");
    }

    private static Moment killedAt(String key) {
        return new Moment(
                "\"host\":\"wc-win1\",\"event\":\"change\",\"key\":\"(%s).*\",\"state\":\"started\""
                        .formatted(key),
                Swdt::kill);
    }

    @Test
    @Order(1)
    void a_plan_names_the_restart_and_touches_nothing() {
        Swdt.Result plan = create(1, "--dry-run");

        assertThat(plan.exit()).as(plan.toString()).isZero();
        assertThat(plan.stderr())
                .contains("+  feature Containers", "restart", "+  kubeadm join")
                .contains("~  program C:\\k\\kubectl.exe")
                .contains("~  file C:\\Program Files\\containerd\\config.toml");
        assertThat(
                        WindowsBelongings.difference(
                                BEFORE.getOrDefault("wc-win1", List.of()), WINDOWS.getFirst()))
                .isEmpty();
    }

    @Test
    @Order(2)
    void somebody_who_is_no_administrator_is_refused() throws IOException {
        String text = files.text(List.of(controlPlane, WINDOWS.getFirst()));
        Path asDeploy = home.resolve("deploy.yaml");
        Files.writeString(asDeploy, text.replace("user: Administrator", "user: deploy"));

        Swdt.Result refused =
                swdt.run("cluster", "create", "--config", asDeploy.toString(), "--dry-run");

        assertThat(refused.exit()).as(refused.toString()).isEqualTo(5);
        assertThat(refused.stderr())
                .contains(
                        "error: wc-win1: lets swdt log in as a user who is no administrator\n"
                                + "  next     log in as a member of Administrators (ssh.user)");
    }

    @Test
    @Order(3)
    void a_create_that_is_killed_again_and_again_goes_on() {
        // the program goes on, and restarts the host
        LabHost host = WINDOWS.getFirst();
        String boot = host.bootId();
        assertThat(createUntil(killedAt("feature")).exit()).isEqualTo(137);
        host.awaitBootAfter(boot);
        // a cut cable is ridden out, up to the next kill
        Moment cut =
                new Moment(
                        "\"host\":\"wc-win1\",\"event\":\"change\",\"key\":\"defender.*\",\"state\":\"started\"",
                        _ -> unplugged(host));
        assertThat(createUntil(cut, killedAt("archive containerd-windows")).exit()).isEqualTo(137);
        List<String> steps =
                List.of(
                        "firewall rule swdt-vxlan",
                        "service containerd",
                        "program C:.*kubeadm.exe",
                        "kubeadm join");
        for (int i = 0; i < steps.size(); i++) {
            // what is over by then, as a program goes on without swdt, does not come again
            String any = String.join("|", steps.subList(i, steps.size()));
            Swdt.Result killed = createUntil(killedAt(any));
            assertThat(killed.exit()).as(any + "\n" + killed).isEqualTo(137);
            if (killed.stdout().contains("\"key\":\"kubeadm join\",\"state\":\"started\"")) {
                break; // the last one
            }
        }

        Swdt.Result created = create(1);

        assertThat(created.exit()).as(created.toString()).isZero();
        assertThat(created.stdout())
                .containsPattern("wc-win1 +Ready +worker .*Windows Server 2022");
        assertThat(created.stdout())
                .containsPattern("nodes ready +passed +2 nodes")
                // Wine has no host networking service
                .containsPattern("windows pods +not run +flannel has no network on wc-win1: look");
    }

    private static void unplugged(LabHost host) {
        host.cut();
        try {
            Thread.sleep(Duration.ofSeconds(20));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            host.mend();
        }
    }

    @Test
    @Order(4)
    void nothing_secret_lies_about() {
        assertThat(
                        WINDOWS.getFirst()
                                .run(
                                        "grep -rlaE '[a-z0-9]{6}\\.[a-z0-9]{16}' /C:/ProgramData/swdt || true"))
                .isEmpty();
    }

    @Test
    @Order(5)
    void create_again_says_that_nothing_is_to_be_done() {
        Swdt.Result again = create(1, "--verbose");

        assertThat(again.exit()).as(again.toString()).isZero();
        assertThat(again.stderr())
                .contains("Nothing to do: winlife is as its file says.")
                .contains("wc-win1: 2 remote commands")
                .doesNotContain("applied");
    }

    @Test
    @Order(6)
    void a_node_is_ready_again_after_its_host_restarted() {
        LabHost host = WINDOWS.getFirst();
        String boot = host.bootId();
        host.execAs("Administrator", "shutdown /r /t 0");
        host.awaitBootAfter(boot);

        Swdt.Result tested = swdt.run("cluster", "test", "--config", file(1));

        assertThat(tested.exit()).as(tested.toString()).isZero();
        assertThat(host.run("pgrep -fa network.ps1")).contains("-File C:\\k\\network.ps1");
    }

    @Test
    @Order(7)
    void a_node_that_somebody_reset_joins_again() {
        LabHost host = WINDOWS.getFirst();
        LabHost.Result reset = host.execAs("Administrator", "C:\\k\\kubeadm.exe reset -f");
        assertThat(reset.exit()).as(reset.toString()).isZero();
        assertThat(host.has("/C:/etc/kubernetes/kubelet.conf")).isFalse();
        // which kubeadm leaves, and will not replace
        assertThat(host.has("/C:/etc/kubernetes/pki/ca.crt")).isTrue();

        Swdt.Result created = create(1, "--no-test");

        assertThat(created.exit()).as(created.toString()).isZero();
        assertThat(created.stdout()).containsPattern("wc-win1 +Ready");
        assertThat(created.stderr())
                .contains("wc-win1: applied kubeadm join", "applied join token deleted");
    }

    @Test
    @Order(8)
    void flanneld_and_kube_proxy_come_as_far_as_they_can_without_a_host_networking_service() {
        LabHost host = WINDOWS.getFirst();
        // what flanneld would make
        host.execAs(
                "Administrator",
                "powershell -Command \"New-HnsNetwork -Name flannel.4096 -Type Overlay -AddressPrefix 10.244.1.0/24 | Out-Null\"");

        String log = "/C:/var/log/kube-proxy/kube-proxy.log";
        host.run(
                "for i in $(seq 300); do grep -qs 'Windows kernel is not compatible' "
                        + log
                        + " && exit; sleep 0.2; done; exit 1");
        assertThat(host.read(log)).contains("Successfully retrieved NodeIPs");
        assertThat(host.read("/C:/var/log/flanneld/flanneld.log"))
                .contains("VXLAN config: Name=flannel.4096")
                .contains("failed to query HCN version number");
        assertThat(host.read("/C:/var/lib/cni/networks/flannel.4096/10.244.1.2"))
                .startsWith("kube-proxy");
    }

    @Test
    @Order(9)
    void an_account_of_its_programs_makes_tokens_for_itself_and_for_nobody_else() {
        String kubectl =
                "C:\\k\\kubectl.exe --kubeconfig C:\\etc\\kubernetes\\flannel.conf"
                        + " --cache-dir C:\\run\\flannel\\kubectl -n kube-flannel create token ";

        assertThat(WINDOWS.getFirst().execAs("Administrator", kubectl + "flannel").stdout())
                .matches("[\\w-]+\\.[\\w-]+\\.[\\w-]+\\s*");
        assertThat(WINDOWS.getFirst().execAs("Administrator", kubectl + "default").stderr())
                .contains("\"default\" is forbidden");
    }

    /** What pods would leave: an endpoint with its policy, and an image. */
    private static void used(LabHost host) {
        host.execAs(
                "Administrator",
                "powershell -Command \"$n=(Get-HnsNetwork -Name flannel.4096).ID;"
                        + "New-HnsEndpoint -NetworkId $n -Name pod1 | Out-Null\"");
        host.run(
                "cd /C:/ProgramData/lab/state && id=$(sed 's/.*\"ID\":\"\\([^\"]*\\)\".*/\\1/' hns-endpoints.json) && "
                        + "printf '[{\"ID\":\"p1\",\"References\":[\"/endpoints/%s\"]}]' $id > hns-policylists.json");
        host.run(
                "cd /var/tmp && printf '{\"architecture\":\"amd64\",\"os\":\"windows\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}' > c.json && "
                        + "printf '[{\"Config\":\"c.json\",\"RepoTags\":[\"example.org/odd:1\"],\"Layers\":[]}]' > manifest.json && "
                        + "tar -cf odd.tar manifest.json c.json");
        LabHost.Result imported =
                host.execAs(
                        "Administrator",
                        "\"C:\\Program Files\\containerd\\ctr.exe\" -n k8s.io images import --no-unpack Z:\\var\\tmp\\odd.tar");
        assertThat(imported.exit()).as(imported.toString()).isZero();
    }

    @Test
    @Order(10)
    void one_more_worker_leaves_the_others_alone() {
        Swdt.Result grown = create(2, "--plain", "--no-test", "--verbose");

        assertThat(grown.exit()).as(grown.toString()).isZero();
        assertThat(grown.stdout()).containsPattern("wc-node2 +Ready +worker");
        assertThat(WINDOWS.getLast().execAs("Administrator", "hostname").stdout())
                .isEqualToIgnoringWhitespace("WC-NODE2");
        assertThat(grown.stderr())
                .contains("wc-node2: applied computer name")
                .contains("wc-node2: restarts; waiting for its next start")
                .doesNotContain("wc-win1: applied");
    }

    @Test
    @Order(11)
    void destroy_gives_the_hosts_back_as_they_were() {
        used(WINDOWS.getFirst());
        assertThat(WINDOWS.getFirst().read("/C:/ProgramData/lab/state/hns-networks.json"))
                .contains("flannel.4096");

        // killed, then cut off and killed again: a program goes on until the next run asks it to
        // stop, and what it did meanwhile is told once the cable is back
        assertThat(destroyUntil(killedAt("task kubernetes-network")).exit()).isEqualTo(137);
        Moment cut =
                new Moment(
                        "\"host\":\"wc-win1\",\"event\":\"change\",\"key\":\".*\",\"state\":\"started\"",
                        _ -> unplugged(WINDOWS.getFirst()));
        assertThat(destroyUntil(cut, killedAt("")).exit()).isEqualTo(137);

        Swdt.Result destroyed = destroyUntil();

        assertThat(destroyed.exit()).as(destroyed.toString()).isZero();
        for (String kind : List.of("networks", "endpoints", "policylists")) {
            assertThat(WINDOWS.getFirst().read("/C:/ProgramData/lab/state/hns-" + kind + ".json"))
                    .isEqualTo("[]");
        }
        // as the next start will have it
        assertThat(
                        WINDOWS.getLast()
                                .execAs(
                                        "Administrator",
                                        "reg query HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters /v \"NV Hostname\"")
                                .stdout())
                .contains("wc-win2");
        for (LabHost host : WINDOWS) {
            assertThat(
                            WindowsBelongings.difference(
                                    BEFORE.getOrDefault(host.name(), List.of()), host))
                    .as(host.name())
                    .isEmpty();
        }
    }

    @Test
    @Order(12)
    void hosts_of_one_segment_route_and_are_reached_by_remote_desktop() throws IOException {
        LabHost host = WINDOWS.getFirst();
        Path file = files.write(home, List.of(controlPlane, host));
        String text = Files.readString(file);
        Files.writeString(
                file,
                text.replace(
                        "\nspec:\n",
                        "\nspec:\n  network: {backend: host-gw}\n  windows: {rdp: true}\n"));

        Swdt.Result created =
                swdt.run("cluster", "create", "--config", file.toString(), "--yes", "--plain");
        String routes = controlPlane.run("ip route");
        String log = host.read("/C:/var/log/flanneld/flanneld.log");
        // the layers of an image, which containerd alone takes apart and takes a while for
        host.execAs("Administrator", "sc stop containerd");
        String layer =
                "/C:/ProgramData/containerd/root/io.containerd.snapshotter.v1.windows/snapshots/odd";
        host.run("mkdir -p %s; (sleep 30; rmdir %s) > /dev/null 2>&1 &".formatted(layer, layer));
        Swdt.Result destroyed =
                swdt.run("cluster", "destroy", "--config", file.toString(), "--yes");

        assertThat(created.exit()).as(created.toString()).isZero();
        assertThat(created.stdout())
                .containsPattern("wc-win1 +Ready +worker")
                .containsPattern("windows pods +not run");
        assertThat(created.stderr())
                .contains("wc-win1: applied firewall rule swdt-rdp-tcp")
                .doesNotContain("swdt-vxlan");
        assertThat(routes).contains("10.244.1.0/24 via " + host.address());
        assertThat(log).contains("HOST-GW config: {Name:cbr0");
        assertThat(destroyed.exit()).as(destroyed.toString()).isZero();
        assertThat(WindowsBelongings.difference(BEFORE.getOrDefault(host.name(), List.of()), host))
                .isEmpty();
    }
}
