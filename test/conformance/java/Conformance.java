// Asks two independent validators about our exports: HAPI about FHIR R4, veraPDF about PDF/A-2b.
// java Conformance.java fhir STRUCTURE-DEFINITION FILE...   (.ndjson: one resource a line)
// java Conformance.java pdf FILE...
// One line for each problem (FILE, "error", place, what), and one for each file (FILE, "checked", how much), by tabs.
import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import ca.uhn.fhir.validation.SingleValidationMessage;
import java.io.FileInputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.PrePopulatedValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.SnapshotGeneratingValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.hl7.fhir.r4.model.StructureDefinition;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

public class Conformance {
  static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

  public static void main(String[] words) throws Exception {
    List<String> files = List.of(words).subList(words[0].equals("fhir") ? 2 : 1, words.length);
    if (words[0].equals("fhir")) fhir(words[1], files);
    else pdf(files);
  }

  static void say(String file, String what, Object place, Object message) {
    OUT.println(String.join("\t", file, what, String.valueOf(place), String.valueOf(message).replaceAll("\\s+", " ")));
  }

  static void fhir(String definition, List<String> files) throws Exception {
    FhirContext r4 = FhirContext.forR4();
    PrePopulatedValidationSupport ours = new PrePopulatedValidationSupport(r4);
    String text = Files.readString(Path.of(definition));
    ours.addStructureDefinition(r4.newJsonParser().parseResource(StructureDefinition.class, text));
    FhirInstanceValidator instances =
        new FhirInstanceValidator(
            new ValidationSupportChain(
                new DefaultProfileValidationSupport(r4),
                ours,
                new CommonCodeSystemsTerminologyService(r4),
                new InMemoryTerminologyServerValidationSupport(r4),
                new SnapshotGeneratingValidationSupport(r4)));
    instances.setAnyExtensionsAllowed(false);
    FhirValidator validator = r4.newValidator();
    validator.registerValidatorModule(instances);
    for (String file : files) {
      String content = Files.readString(Path.of(file));
      List<String> resources = file.endsWith(".ndjson") ? content.lines().toList() : List.of(content);
      for (String resource : resources)
        for (SingleValidationMessage message : validator.validateWithResult(resource).getMessages())
          if (message.getSeverity().ordinal() >= ResultSeverityEnum.ERROR.ordinal())
            say(file, "error", message.getLocationString(), message.getMessage());
      say(file, "checked", "resources", resources.size());
    }
  }

  static void pdf(List<String> files) throws Exception {
    VeraGreenfieldFoundryProvider.initialise();
    for (String file : files)
      try (PDFAParser parser =
              Foundries.defaultInstance().createParser(new FileInputStream(file), PDFAFlavour.PDFA_2_B);
          PDFAValidator validator = Foundries.defaultInstance().createValidator(PDFAFlavour.PDFA_2_B, false)) {
        ValidationResult result = validator.validate(parser);
        for (TestAssertion assertion : result.getTestAssertions())
          if (assertion.getStatus() == TestAssertion.Status.FAILED)
            say(file, "error", assertion.getRuleId().getClause(), assertion.getMessage());
        say(file, "checked", result.isCompliant() ? "PDF/A-" + result.getPDFAFlavour() : "not compliant", result.getTotalAssertions());
      }
  }
}
