import Foundation
import Testing

/// Exports of the real model, read by llama.cpp's own Python package and with nothing but Python's standard library.
@Suite struct ModelFileTests {
    private static let export = """
        let s = model "student"
        export s, "out/s.gguf", precision: "f32"
        export s, "out/s/"

        """

    /// The student's layers, as the shipped kernel names them.
    private static let check = """
        import json, struct, sys
        import numpy
        from gguf import GGUFReader, dequantize
        source, exported = GGUFReader(sys.argv[1]), GGUFReader("out/s.gguf")
        layers = [0, 2, 4, 6, 8, 10, 12, 14, 16, 18]
        for key, field in source.fields.items():
            if key in ("GGUF.tensor_count", "GGUF.kv_count", "general.file_type", "general.size_label"): continue
            if key == "llama.block_count":
                assert exported.fields[key].contents() == 10
                continue
            assert exported.fields[key].types == field.types, key
            assert exported.fields[key].contents() == field.contents(), key
        before = {tensor.name: tensor for tensor in source.tensors}
        after = {tensor.name: tensor for tensor in exported.tensors}
        assert len(after) == 2 + 9 * 10, len(after)
        for name, tensor in after.items():
            was = name
            if name.startswith("blk."):
                _, layer, rest = name.split(".", 2)
                was = f"blk.{layers[int(layer)]}.{rest}"
            wanted = dequantize(before[was].data, before[was].tensor_type).reshape(-1)
            found = numpy.asarray(tensor.data).reshape(-1)
            assert list(tensor.shape) == list(before[was].shape), name
            assert numpy.allclose(found, wanted, rtol=1e-6, atol=1e-6), name
        with open("out/s/model.safetensors", "rb") as file:
            header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        config = json.load(open("out/s/config.json"))
        assert config["num_hidden_layers"] == 10 and config["architectures"] == ["LlamaForCausalLM"]
        assert header["model.layers.9.self_attn.k_proj.weight"]["shape"] == [192, 576]
        assert header["model.embed_tokens.weight"]["dtype"] == "F16" and "lm_head.weight" not in header
        tokenizer = json.load(open("out/s/tokenizer.json"))
        assert len(tokenizer["model"]["vocab"]) == 49152 and len(tokenizer["model"]["merges"]) == 48900
        assert "<|im_start|>" in json.load(open("out/s/tokenizer_config.json"))["chat_template"]
        print("same")
        """

    @Test func exportsOfTheStudentAreTheBasesNumbersAndWords() throws {
        guard Binary.hasWeights else { return print("SKIPPED: no weights in \(Binary.home)/weights") }
        let python = Binary.home + "/clients/bin/python"
        guard system([python, "-c", "import gguf"])?.code == 0 else {
            return print("SKIPPED: no gguf in \(python); make clients installs it")
        }
        let folder = try Folder(["check.py": Self.check])
        let result = try Binary.run([], in: folder.path, input: Self.export)
        #expect(result.output.contains("5 files, "), "\(result.output) \(result.errors)")
        let weights = Binary.home + "/weights/SmolLM2-135M-Instruct.Q4_1.gguf"
        let checked = system(["sh", "-c", "cd '\(folder.path)' && '\(python)' check.py '\(weights)' 2>&1"])
        #expect(checked?.output == "same\n")
    }
}
