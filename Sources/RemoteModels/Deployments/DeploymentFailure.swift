internal import Distillation
internal import OpenAIWire

/// What the management endpoint refused, in words for people.
enum DeploymentFailure {
    static func words(for refusal: ServiceRefusal, kernel: String) -> ProviderError {
        let error = APIErrorBody(bytes: refusal.answer.body)
        return ProviderError(
            "Azure's management endpoint refused \(refusal.what) with \(refusal.status): \(KeylessWords.shown(error.message))",
            hint: advice(code: error.code ?? "", status: refusal.status, kernel: kernel))
    }

    /// Whether there is no deployment of the name, in an account that is there.
    static func isAboutName(_ refusal: ServiceRefusal) -> Bool {
        guard refusal.status == 404 else { return false }
        let error = APIErrorBody(bytes: refusal.answer.body)
        if noAccount.contains(error.code ?? "") { return false }
        // "The Resource 'Microsoft.CognitiveServices/accounts/NAME' under resource group 'GROUP' was not found."
        let words = error.message.lowercased()
        return !words.contains("microsoft.cognitiveservices/accounts/") || words.contains("deployments/")
    }

    private static let noAccount: Set<String> = [
        "ParentResourceNotFound", "ResourceGroupNotFound", "SubscriptionNotFound", "InvalidSubscriptionId",
    ]

    /// Sources: Microsoft's "Troubleshoot common Azure deployment errors" (names of errors), and
    /// MicrosoftDocs/azure-ai-docs, `fine-tuning-deploy.md`, `fine-tuning-troubleshoot.md`.
    private static func advice(code: String, status: Int, kernel: String) -> String {
        switch code {
        case "InsufficientQuota", "QuotaExceeded", "DeploymentLimitExceeded":
            return
                "there is no room for one more: distnb deployments list --kernel \(kernel) shows which of ours can go"
        case "AuthorizationFailed", "LinkedAuthorizationFailed":
            return "whoever the token belongs to needs the role Cognitive Services Contributor on the resource"
        case "InvalidResourceProperties", "InvalidSku", "SkuNotSupported", "InvalidCapacity",
            "DeploymentModelNotSupported":
            return "set deployment.sku and deployment.capacity in kernel.json to what the region offers for this model"
        case "ResourceNotFound", "ResourceGroupNotFound", "SubscriptionNotFound", "ParentResourceNotFound":
            return "check the names in deployment.account of kernel.json"
        default: break
        }
        switch status {
        case 401:
            return
                "the token is too old or for something else; `az account get-access-token` prints one that lasts an hour: "
                + "let deployment.token name that command"
        case 403: return "whoever the token belongs to needs the role Cognitive Services Contributor on the resource"
        case 404: return "check the names in deployment.account of kernel.json"
        case 409: return "another change of the resource is under way; run the cell again in a minute"
        default: return "running the cell again tries again, and trains nothing anew"
        }
    }
}
