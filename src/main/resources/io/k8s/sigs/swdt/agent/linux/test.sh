# shellcheck shell=sh
# Named checks of a running cluster, from its control plane. Makes a namespace of its own and takes it away again.

TEST_NAMESPACE=swdt-test
in_test() { admin -n $TEST_NAMESPACE "$@"; }
# verdict NAME COMMAND...: passes if the command does; its last line is the detail
verdict() {
    VERDICT_NAME=$1; shift
    if VERDICT_OUT=$("$@" 2>&1); then emit verdict "$VERDICT_NAME" passed "$(printf '%s' "$VERDICT_OUT" | tail -n 1)"
    else emit verdict "$VERDICT_NAME" failed "$(printf '%s' "$VERDICT_OUT" | tail -n 3)"; return 1; fi
}
nodes_ready() { admin wait --for=condition=Ready node --all --timeout=120s > /dev/null && admin get nodes --no-headers | awk '{ n++ } END { print n (n == 1 ? " node" : " nodes") }'; }
system_pods() {
    admin -n kube-system rollout status deploy/coredns --timeout=120s > /dev/null || return 1
    for SET in $(admin get daemonsets -A -o 'jsonpath={range .items[*]}{.metadata.namespace}/{.metadata.name} {end}'); do
        [ "${SET%/*}" = $TEST_NAMESPACE ] || admin -n "${SET%/*}" rollout status "daemonset/${SET#*/}" --timeout=120s > /dev/null || { echo "daemonset $SET is not complete"; return 1; }
    done
    admin get pods -A --no-headers | awk '{ n++ } END { print n " pods" }'
}
# the pods of a daemon set of the test that are not ready: "NAME NODE", a line each
unready() { in_test get pods -l "app=$1" --no-headers -o wide | awk '$2 != "1/1" { print $1, $7 }'; }
# what Kubernetes complains of about a pod, and how often it did; the first probes of a server that starts are no complaint
complaints() {
    in_test get events --field-selector "type=Warning,reason!=Unhealthy,involvedObject.name=$1" --sort-by=.lastTimestamp -o 'jsonpath={range .items[*]}{.count};{.series.count};{.message}{"\n"}{end}' |
        awk '/^[0-9]*;[0-9]*;/ { split($0, part, ";"); n += part[1] ? part[1] : part[2] ? part[2] : 1; sub(/^[0-9]*;[0-9]*;/, ""); last = $0 } END { if (n) print n, last }'
}
# come_up DAEMONSET SECONDS: waits until all its pods are ready. A sandbox is tried again every 12 seconds: what failed eight times does not come right by waiting on
come_up() {
    clock; UP_UNTIL=$((MS + $2 * 1000))
    until UP_OUT=$(in_test rollout status "daemonset/$1" --timeout=5s 2>&1); do
        clock
        unready "$1" > "$D/unready"
        while read -r POD NODE; do
            complaints "$POD" > "$D/complaints"
            read -r UP_TIMES UP_WHY < "$D/complaints" || continue
            UP_OUT="$POD on $NODE: $UP_WHY"
            [ "$UP_TIMES" -lt 8 ] || { printf '%s\n' "$UP_OUT"; return 1; }
        done < "$D/unready"
        [ "$MS" -lt "$UP_UNTIL" ] || { printf '%s\n' "$UP_OUT"; return 1; }
    done
    printf '%s\n' "$UP_OUT"
}
test_pods() {
    admin delete namespace $TEST_NAMESPACE --ignore-not-found --timeout=60s > /dev/null
    cat > "$D/test.json" <<JSON
{"apiVersion":"v1","kind":"List","items":[
{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"$TEST_NAMESPACE"}},
{"apiVersion":"v1","kind":"Service","metadata":{"name":"echo","namespace":"$TEST_NAMESPACE"},"spec":{"selector":{"app":"echo"},"ports":[{"port":80,"targetPort":8080}]}},
{"apiVersion":"apps/v1","kind":"DaemonSet","metadata":{"name":"echo","namespace":"$TEST_NAMESPACE"},"spec":{"selector":{"matchLabels":{"app":"echo"}},"template":{"metadata":{"labels":{"app":"echo"}},
"spec":{"nodeSelector":{"kubernetes.io/os":"linux"},"tolerations":[{"key":"node-role.kubernetes.io/control-plane","operator":"Exists"}],"terminationGracePeriodSeconds":0,"automountServiceAccountToken":false,
"containers":[{"name":"echo","image":"$TEST_IMAGE","args":["netexec","--http-port=8080"],"readinessProbe":{"httpGet":{"path":"/hostname","port":8080},"periodSeconds":1}}]}}}}]}
JSON
    admin apply -f "$D/test.json" > /dev/null && come_up echo 120
}
# kube-proxy's rules follow a pod that is ready within seconds: what fails is tried again for 20 of them
reach() {
    clock; REACH_UNTIL=$((MS + 20000))
    until REACH_OUT=$(in_test exec "$1" -- /agnhost connect "$2" --timeout=5s 2>&1); do
        clock
        [ "$MS" -lt "$REACH_UNTIL" ] || { printf '%s\n' "$REACH_OUT"; return 1; }
        sleep 1
    done
}
# from the first pod of each node to the pod of the next node
pod_to_pod() {
    FIRST='' FROM=''
    while read -r POD POD_IP; do
        [ -n "$FIRST" ] || FIRST=$POD_IP
        [ -z "$FROM" ] || reach "$FROM" "$POD_IP:8080" || return 1
        FROM=$POD
    done < "$D/pods"
    reach "$FROM" "$FIRST:8080" || return 1
    case $(wc -l < "$D/pods") in 1) echo "1 pod, to itself" ;; *) echo "$(wc -l < "$D/pods") pods, each on a node of its own" ;; esac
}
from_each() { while read -r POD _; do reach "$POD" "$1" || { echo "from $POD to $1"; return 1; }; done < "$D/pods"; echo "$1"; }
pod_logs() { read -r POD _ < "$D/pods"; [ -n "$(in_test logs "$POD")" ] && echo "of $POD"; }
pod_exec() { read -r POD _ < "$D/pods"; in_test exec "$POD" -- /agnhost --help > /dev/null && echo "in $POD"; }
# --- Windows: the same image, whose tag holds one for each build. Flannel says so in the node's conditions once its network is there
windows_nodes() { admin get nodes -l kubernetes.io/os=windows -o 'jsonpath={range .items[*]}{.metadata.name} {.status.conditions[?(@.type=="NetworkUnavailable")].status}{"\n"}{end}'; }
windows_pods() {
    cat > "$D/windows.json" <<JSON
{"apiVersion":"v1","kind":"List","items":[
{"apiVersion":"v1","kind":"Service","metadata":{"name":"echo-windows","namespace":"$TEST_NAMESPACE"},"spec":{"type":"NodePort","selector":{"app":"echo-windows"},"ports":[{"port":80,"targetPort":8080}]}},
{"apiVersion":"apps/v1","kind":"DaemonSet","metadata":{"name":"echo-windows","namespace":"$TEST_NAMESPACE"},"spec":{"selector":{"matchLabels":{"app":"echo-windows"}},"template":{"metadata":{"labels":{"app":"echo-windows"}},
"spec":{"nodeSelector":{"kubernetes.io/os":"windows"},"tolerations":[{"operator":"Exists"}],"terminationGracePeriodSeconds":0,"automountServiceAccountToken":false,
"containers":[{"name":"echo","image":"$TEST_IMAGE","args":["netexec","--http-port=8080"],"readinessProbe":{"httpGet":{"path":"/hostname","port":8080},"periodSeconds":1}}]}}}}]}
JSON
    admin apply -f "$D/windows.json" > /dev/null && come_up echo-windows 900
}
to_windows() { read -r POD _ < "$D/pods"; while read -r _ POD_IP; do reach "$POD" "$POD_IP:8080" || return 1; done < "$D/windows"; echo "from $POD"; }
from_linux() { reach "$LINUX_POD" "$1" && echo "$1"; }
from_windows() { while read -r POD _; do reach "$POD" "$1" || { echo "from $POD to $1"; return 1; }; done < "$D/windows"; echo "$1"; }
windows_logs() { read -r POD _ < "$D/windows"; [ -n "$(in_test logs "$POD")" ] && echo "of $POD"; }
windows_test() {
    windows_nodes > "$D/windows-nodes"
    [ -s "$D/windows-nodes" ] || return 0
    NO_NETWORK=$(awk '$2 != "False" { print $1 }' "$D/windows-nodes" | tr '\n' ' ')
    if [ -n "$NO_NETWORK" ]; then
        emit verdict 'windows pods' 'not run' "flannel has no network on ${NO_NETWORK% }: look there at C:\\var\\log\\flanneld"
    else
        emit verdict 'windows pods' running 'the first pull of their image takes minutes'
        verdict 'windows pods' windows_pods || return 0
        in_test get pods -l app=echo-windows -o 'jsonpath={range .items[*]}{.metadata.name} {.status.podIP}{"\n"}{end}' > "$D/windows"
        read -r LINUX_POD LINUX_POD_IP < "$D/pods"
        verdict 'linux to windows' to_windows
        verdict 'windows to linux' from_windows "$LINUX_POD_IP:8080"
        verdict 'windows to service' from_windows "$(in_test get service echo -o 'jsonpath={.spec.clusterIP}'):80"
        verdict 'windows to service name (DNS)' from_windows "echo.$TEST_NAMESPACE.svc.cluster.local:80"
        verdict 'windows egress' from_windows "$OUTSIDE"
        verdict 'windows service' from_linux "$(in_test get service echo-windows -o 'jsonpath={.spec.clusterIP}'):80"
        NODE_IP=$(admin get nodes -l kubernetes.io/os=windows -o 'jsonpath={.items[0].status.addresses[?(@.type=="InternalIP")].address}')
        verdict 'windows node port' from_linux "$NODE_IP:$(in_test get service echo-windows -o 'jsonpath={.spec.ports[0].nodePort}')"
        verdict 'windows logs' windows_logs
    fi
}
cluster_test() {
    TEST_IMAGE=$1
    verdict 'nodes ready' nodes_ready
    verdict 'system pods' system_pods
    if verdict 'test pods' test_pods; then
        in_test get pods -l app=echo -o 'jsonpath={range .items[*]}{.metadata.name} {.status.podIP}{"\n"}{end}' > "$D/pods"
        verdict 'pod to pod' pod_to_pod
        verdict 'service address' from_each "$(in_test get service echo -o 'jsonpath={.spec.clusterIP}'):80"
        verdict 'service name (DNS)' from_each "echo.$TEST_NAMESPACE.svc.cluster.local:80"
        # hosts are outside of the pod network; a way to the internet is not everywhere
        OUTSIDE=$(admin get endpointslices -l kubernetes.io/service-name=kubernetes -o 'jsonpath={.items[0].endpoints[0].addresses[0]}:{.items[0].ports[0].port}')
        verdict 'egress' from_each "$OUTSIDE"
        verdict 'logs' pod_logs
        verdict 'exec' pod_exec
        windows_test
    fi
    admin delete namespace $TEST_NAMESPACE --timeout=60s > /dev/null 2>&1
}
