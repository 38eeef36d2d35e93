package io.k8s.sigs.swdt.agent;

import io.k8s.sigs.swdt.value.Json;
import io.k8s.sigs.swdt.value.Ordered;
import io.k8s.sigs.swdt.value.Secret;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What only a running program may know: the run's bootstrap token, and the CA hash once the control
 * plane has said it. kubeadm gets them in a configuration file of mode 0600; JSON is YAML.
 *
 * @param token {@code id.secret} (kubernetes.io "Bootstrap Tokens"), or null in a check
 * @param ttl the token's life, as kubeadm writes it, e.g. {@code 30m0s}
 * @param caHash {@code sha256:...} of the cluster's CA public key, or null as long as nobody knows
 * @param accounts tokens of service accounts, by {@code NAMESPACE/NAME}
 */
public record RunSecrets(
        @Nullable Secret token, String ttl, @Nullable String caHash, Map<String, Secret> accounts) {

    public RunSecrets {
        accounts = Collections.unmodifiableMap(new LinkedHashMap<>(accounts));
    }

    /** For checks: no token. */
    public static final RunSecrets NONE = new RunSecrets(null, "", null, Map.of());

    private static final String API = "kubeadm.k8s.io/v1beta4";

    /**
     * A new token.
     *
     * @param life how long nodes may join with it: as long as the run may take
     */
    public static RunSecrets create(Duration life) {
        String letters = "abcdefghijklmnopqrstuvwxyz0123456789";
        SecureRandom random = new SecureRandom();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 22; i++) {
            text.append(letters.charAt(random.nextInt(letters.length())));
        }
        return new RunSecrets(
                new Secret(text.insert(6, '.').toString()), life.toSeconds() + "s", null, Map.of());
    }

    /** The same token with the CA hash. */
    public RunSecrets withCaHash(String hash) {
        return new RunSecrets(token, ttl, hash, accounts);
    }

    /** The same with tokens of service accounts. */
    public RunSecrets withAccounts(Map<String, Secret> tokens) {
        return new RunSecrets(token, ttl, caHash, tokens);
    }

    /** The token's first part, which is no secret; empty without a token. */
    String tokenId() {
        return token == null ? "" : token.reveal().substring(0, 6);
    }

    String init(List<Map<String, Object>> documents) {
        List<String> texts = new ArrayList<>();
        for (Map<String, Object> document : documents) {
            Map<String, Object> copy = new LinkedHashMap<>(document);
            if ("InitConfiguration".equals(document.get("kind"))) {
                copy.put("bootstrapTokens", bootstrapTokens());
            }
            texts.add(Json.write(copy));
        }
        return String.join("\n---\n", texts);
    }

    String tokenDocument() {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("apiVersion", API);
        document.put("kind", "InitConfiguration");
        document.put("bootstrapTokens", bootstrapTokens());
        return Json.write(document);
    }

    String join(Map<String, Object> document, String endpoint) {
        if (caHash == null) {
            throw new IllegalStateException("a join before the CA hash is known");
        }
        Map<String, Object> copy = new LinkedHashMap<>(document);
        copy.put(
                "discovery",
                Ordered.map(
                        "bootstrapToken",
                        Ordered.map(
                                "token",
                                revealed(),
                                "apiServerEndpoint",
                                endpoint,
                                "caCertHashes",
                                List.of(caHash))));
        return Json.write(copy);
    }

    private List<Map<String, Object>> bootstrapTokens() {
        return List.of(
                Ordered.map(
                        "token",
                        revealed(),
                        "ttl",
                        ttl,
                        "description",
                        "made by swdt for one run"));
    }

    private String revealed() {
        if (token == null) {
            throw new IllegalStateException("a program without a token");
        }
        return token.reveal();
    }
}
