package io.k8s.sigs.swdt.house;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/** What a pom.xml names. */
final class Pom {

    private Pom() {}

    /**
     * @param name Maven's artifactId
     * @param version with properties filled in
     */
    record Artifact(String name, String version) {}

    /** Dependencies, plugins, annotation processors, unpacked artifacts: all that has a version. */
    static List<Artifact> artifacts(Path pom) {
        Document document = parse(pom);
        var artifacts = new ArrayList<Artifact>();
        for (String kind : List.of("dependency", "plugin", "path", "artifactItem")) {
            NodeList elements = document.getElementsByTagName(kind);
            for (int i = 0; i < elements.getLength(); i++) {
                if (elements.item(i) instanceof Element element) {
                    artifacts.add(
                            new Artifact(
                                    child(element, "artifactId"),
                                    filled(child(element, "version"), document)));
                }
            }
        }
        return artifacts;
    }

    private static String filled(String version, Document document) {
        if (!version.startsWith("${")) {
            return version;
        }
        String property = version.substring(2, version.length() - 1);
        return document.getElementsByTagName(property).item(0).getTextContent();
    }

    private static String child(Element element, String name) {
        for (Node n = element.getFirstChild(); n != null; n = n.getNextSibling()) {
            if (n.getNodeName().equals(name)) {
                return n.getTextContent();
            }
        }
        throw new IllegalArgumentException("no " + name + " in " + element.getTextContent());
    }

    private static Document parse(Path pom) {
        try {
            return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(pom.toFile());
        } catch (ParserConfigurationException | SAXException | IOException e) {
            throw new IllegalStateException("cannot read " + pom, e);
        }
    }
}
